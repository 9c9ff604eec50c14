using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// Stack arrays before there is a heap. IL2CPU does not take <c>stackalloc</c> from the stack: it calls the allocator of objects, and
/// nothing is ever given back. Until the object heap is up, what it asks for comes from here.
/// </summary>
/// <remarks>
/// Blocks lie one behind the other, each with the frame of the method that asked and the place in it. The next call tells which are dead:
/// frames deeper than the caller's have returned; and when the same place of the same frame asks again, that method was left and entered
/// anew. (So no <c>stackalloc</c> in a loop, which C# warns about anyway.)
/// <code>
///   s_storage: [frame, place, previous | block ...][frame, place, previous | block ...] free ...
///                                                   ^ s_last                            ^ s_top
/// </code>
/// </remarks>
internal static unsafe class EarlyStack
{
    private const int Words = 8192;
    private const int HeadWords = 3;
    private const int None = -1;

    private static Storage s_storage;
    private static int s_top;
    private static int s_last = None;

    /// <summary>Zeroed memory that lives until the method that asked returns.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="frame">EBP of the method that asked.</param>
    /// <param name="place">Return address into it.</param>
    internal static byte* Allocate(uint bytes, uint frame, uint place)
    {
        fixed (uint* storage = s_storage.Words)
        {
            Drop(storage, frame, place);
            int words = HeadWords + (int)((bytes + 3) >> 2);
            if (words > Words - s_top)
            {
                KernelState.Log->Panic(
                    "Stack arrays before the heap: %d bytes wanted, %d are left; a method keeps too much", bytes,
                    (ulong)(uint)(Words - s_top) * sizeof(uint));
                return null;
            }

            uint* head = storage + s_top;
            head[0] = frame;
            head[1] = place;
            head[2] = (uint)s_last;
            s_last = s_top;
            s_top += words;
            Zeroing.Clear((byte*)(head + HeadWords), (nuint)(words - HeadWords) * sizeof(uint));
            return (byte*)(head + HeadWords);
        }
    }

    private static void Drop(uint* storage, uint frame, uint place)
    {
        while (s_last != None && storage[s_last] < frame)
        {
            Pop(storage);
        }

        for (int at = s_last; at != None && storage[at] == frame; at = (int)storage[at + 2])
        {
            if (storage[at + 1] == place)
            {
                s_top = at;
                s_last = (int)storage[at + 2];
                return;
            }
        }
    }

    private static void Pop(uint* storage)
    {
        s_top = s_last;
        s_last = (int)storage[s_last + 2];
    }

    private struct Storage
    {
        internal fixed uint Words[EarlyStack.Words];
    }
}
