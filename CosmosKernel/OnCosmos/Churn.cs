using System.Collections.Generic;
using System.Runtime.CompilerServices;
using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>
/// Works a heap like a program does, in plain C# and by Cosmos's own names: objects of mixed sizes come and go with collections in between,
/// and after each collection everything reachable is checked. Runs unchanged on our heaps and on the stock heap.
/// </summary>
/// <remarks>
/// It keeps these, each reachable in one way only: strings, large arrays inside an array, structs with references (in an array, in a class,
/// in a static field), a growing list, and objects referenced only from the stack, one of them by an interior pointer.
/// </remarks>
internal static unsafe class Churn
{
    private const int Kept = 64;
    private const int Large = 16;
    private const uint MarginPages = 64;

    // Objects between two looks for a Ctrl-C.
    private const uint LookEvery = 256;

    private static Holder s_kept;
    private static Pair s_pair;

    /// <summary>
    /// Makes <paramref name="allocations"/> objects, calls Heap.Collect the given number of times along the way, and reports. Ctrl-C ends
    /// it early.
    /// </summary>
    /// <returns>True if nothing reachable was lost and the rest was freed.</returns>
    internal static bool Run(KernelLog* log, uint allocations, uint collections)
    {
        s_kept = null;
        s_pair = default;
        Heap.Collect();
        uint before = RAT.FreePageCount;
        ulong bytes = 0;
        int fault = Work(ref allocations, ref collections, ref bytes);
        s_kept = null;
        s_pair = default;
        Wipe();
        Heap.Collect();
        uint after = RAT.FreePageCount;
        log->Print(
            "churn: allocations=%d kb=%d collections=%d fault=%d free_pages_before=%d free_pages_after=%d\n",
            allocations, bytes >> 10, collections, (uint)fault, before, after);
        return fault == 0 && after + MarginPages >= before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Work(ref uint allocations, ref uint collections, ref ulong bytes)
    {
        s_kept = new Holder();
        s_pair = new Pair { Number = 77, Text = Text(77), Thing = new Node { Value = 77 } };

        // Only the stack references these; the second one by an interior pointer.
        Node onStack = new Node { Value = 4711, Next = new Node { Value = 4712 } };
        byte* middle = Middle();
        uint every = collections == 0 ? 0 : allocations / collections;
        uint random = 20100516;
        object last = null;
        for (uint i = 0; i < allocations; i++)
        {
            if (i % LookEvery == 0 && Interruption.Wanted())
            {
                allocations = i;
                collections = every == 0 ? 0 : i / every;
                break;
            }

            random = (random * 1664525) + 1013904223;
            int size = Size(random);
            last = Make(i, size, last);
            bytes += (uint)size;
            if ((random >> 24) < 16)
            {
                s_kept.Replace((int)(i % Kept), (int)(i & 0xffff));
            }

            if (every != 0 && i % every == every - 1)
            {
                Heap.Collect();
                int fault = s_kept.FindFault();
                if (fault != 0)
                {
                    return fault;
                }
            }
        }

        if (s_pair.Number != 77 || !IsText(s_pair.Text, 77) || s_pair.Thing.Value != 77)
        {
            return 20;
        }

        if (onStack.Value != 4711 || onStack.Next.Value != 4712)
        {
            return 21;
        }

        for (int i = -1000; i < 1000; i++)
        {
            if (middle[i] != 0x5a)
            {
                return 22;
            }
        }

        return s_kept.FindFault();
    }

    // Mostly 1 to 400 bytes, sometimes up to 4,000, rarely 20,000.
    private static int Size(uint random)
    {
        uint dice = (random >> 8) & 1023;
        return dice == 0 ? 20000 : dice < 64 ? 400 + (int)((random >> 18) % 3600) : 1 + (int)((random >> 18) % 400);
    }

    private static object Make(uint number, int size, object last)
    {
        switch (number % 4)
        {
            case 0:
                return new byte[size];
            case 1:
                return new Node { Value = size, Other = number % 64 == 1 ? null : last };
            case 2:
                object[] array = new object[1 + (size / 8)];
                array[0] = number % 64 == 2 ? null : last;
                return array;
            default:
                return Text(size % 100);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static byte* Middle()
    {
        byte[] array = new byte[6000];
        for (int i = 0; i < array.Length; i++)
        {
            array[i] = 0x5a;
        }

        fixed (byte* start = array)
        {
            return start + 3000;
        }
    }

    // Dead words on the stack below here may still look like addresses.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Wipe()
    {
        Words words = default;
        for (int i = 0; i < Words.Count; i++)
        {
            words.Value[i] = (uint)i;
        }

        return words.Value[Words.Count - 1];
    }

    private static string Text(int seed)
    {
        char[] text = new char[4 + (seed % 40)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)('a' + ((seed + i) & 15));
        }

        return new string(text);
    }

    private static bool IsText(string text, int seed)
    {
        if (text.Length != 4 + (seed % 40))
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != 'a' + ((seed + i) & 15))
            {
                return false;
            }
        }

        return true;
    }

    private struct Words
    {
        internal const int Count = 1024;

        internal fixed uint Value[Count];
    }

    private struct Pair
    {
        internal int Number;
        internal string Text;
        internal Node Thing;
    }

    private sealed class Node
    {
        internal Node Next;
        internal object Other;
        internal int Value;
    }

    /// <summary>Everything that a static field keeps.</summary>
    private sealed class Holder
    {
        private readonly int[] _seeds = new int[Kept];
        private readonly string[] _texts = new string[Kept];
        private readonly byte[][] _large = new byte[Large][];
        private readonly Pair[] _pairs = new Pair[Kept];
        private readonly List<Node> _list = new List<Node>();
        private Pair _pair;

        internal Holder()
        {
            for (int i = 0; i < Kept; i++)
            {
                Replace(i, i);
            }
        }

        internal void Replace(int place, int seed)
        {
            _seeds[place] = seed;
            _texts[place] = Text(seed);
            _pairs[place] = new Pair { Number = seed, Text = Text(seed), Thing = new Node { Value = seed } };
            _pair = new Pair { Number = seed, Text = Text(seed), Thing = new Node { Value = seed } };
            byte[] large = new byte[5000 + (seed % 7 * 3000)];
            large[0] = (byte)seed;
            large[large.Length - 1] = (byte)(seed + 1);
            _large[place % Large] = large;
            if (_list.Count == 1000)
            {
                _list.Clear();
            }

            _list.Add(new Node { Value = _list.Count });
        }

        /// <summary>Checks everything; 0 if it is as it was made.</summary>
        internal int FindFault()
        {
            for (int i = 0; i < Kept; i++)
            {
                if (!IsText(_texts[i], _seeds[i]))
                {
                    return 1;
                }

                if (_pairs[i].Number != _seeds[i] || !IsText(_pairs[i].Text, _seeds[i]) || _pairs[i].Thing.Value != _seeds[i])
                {
                    return 2;
                }
            }

            for (int i = 0; i < Large; i++)
            {
                byte[] large = _large[i];
                if (large.Length < 5000 || (byte)(large[0] + 1) != large[large.Length - 1] || large[large.Length / 2] != 0)
                {
                    return 3;
                }
            }

            for (int i = 0; i < _list.Count; i++)
            {
                if (_list[i].Value != i)
                {
                    return 4;
                }
            }

            return IsText(_pair.Text, _pair.Number) && _pair.Thing.Value == _pair.Number ? 0 : 5;
        }
    }
}
