using Cosmos.Core;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Plugs.Heaps;

namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>
/// Marking: the objects that are marked and whose references are still to be followed. A reference under IL2CPU is 8 bytes; the upper 4 are
/// the address.
/// </summary>
/// <remarks>
/// The stack holds objects (not blocks). The loops are written out, with everything in locals: a call costs some 20 instructions here.
/// </remarks>
internal static unsafe class Marks
{
    /// <summary>Set in a block's first word (not the object's) while it is known to be live.</summary>
    internal const uint Mark = 1;

    /// <summary>The second word of an object that is no array and no box.</summary>
    internal const uint KindObject = 1;

    private const uint FallbackObjects = 256;

    // What Cosmos writes into an object: type, kind; then size or element count, and for arrays the element's size.
    private const uint KindArray = 2;
    private const uint KindBox = 3;
    private const uint FieldsAt = 12;
    private const uint ElementsAt = 16;
    private const uint ReferenceBytes = 8;

    private static uint* s_bottom;
    private static uint* s_top;
    private static uint* s_limit;
    private static uint s_imageStart;
    private static uint s_imageBytes;
    private static Fallback s_fallback;

    /// <summary>An object was marked and did not fit: a walk over the heap has to find it.</summary>
    internal static bool Overflowed { get; set; }

    /// <summary>Starts empty over some memory of so many words, of which at most <paramref name="limit"/> are used; 0 for all.</summary>
    internal static void Use(uint* memory, uint words, uint limit)
    {
        s_bottom = memory;
        s_top = memory;
        s_limit = memory + (limit != 0 && limit < words ? limit : words);
        s_imageStart = KernelImage.TextStart();
        s_imageBytes = KernelImage.End() - s_imageStart;
        Overflowed = false;
    }

    /// <summary>Starts over a few words of the image, when not one page is free.</summary>
    internal static void UseFallback(uint limit)
    {
        fixed (uint* memory = s_fallback.Words)
        {
            Use(memory, FallbackObjects, limit);
        }
    }

    /// <summary>Marks a block of the heap and follows what its object points at.</summary>
    internal static void Reach(byte* slot)
    {
        Push((uint*)slot);
        Drain();
    }

    /// <summary>For a walk after an overflow: follows the references of a marked object again.</summary>
    internal static void Revisit(void* context, byte* slot)
    {
        if ((*(uint*)slot & Mark) != 0)
        {
            Follow((uint*)(slot + ManagedHeap.HeadBytes));
            Drain();
        }
    }

    /// <summary>Follows references until the stack is empty.</summary>
    internal static void Drain()
    {
        while (s_top != s_bottom)
        {
            s_top--;
            Follow((uint*)*s_top);
        }
    }

    /// <summary>Marks what the reference fields of a struct or object point at.</summary>
    /// <param name="start">Where the type's offsets count from.</param>
    /// <param name="type">The type.</param>
    internal static void FollowFields(byte* start, uint type)
    {
        if (type >= ReferenceMaps.Types)
        {
            return;
        }

        uint* offset = ReferenceMaps.Of(type);
        if (offset == null)
        {
            return;
        }

        uint imageStart = s_imageStart;
        uint imageBytes = s_imageBytes;
        for (uint* last = offset + *offset; offset < last;)
        {
            offset++;
            uint reference = *(uint*)(start + *offset);
            if (reference != 0 && reference - imageStart >= imageBytes)
            {
                MarkReference(reference);
            }
        }
    }

    private static void Follow(uint* memory)
    {
        uint type = memory[0];
        uint kind = type < ReferenceMaps.Types ? memory[1] : 0;
        if (kind == KindObject)
        {
            FollowFields((byte*)memory, type);
        }
        else if (kind == KindArray)
        {
            FollowElements(memory, type);
        }
        else if (kind == KindBox)
        {
            FollowFields((byte*)memory + FieldsAt, type);
        }
        else
        {
            FollowWords(memory);
        }
    }

    private static void FollowElements(uint* array, uint type)
    {
        uint count = array[2];
        uint size = array[3];
        byte* element = (byte*)array + ElementsAt;
        if (VTablesImpl.mTypes[type].IsValueType)
        {
            for (uint i = ReferenceMaps.Of(type) == null ? count : 0; i < count; i++)
            {
                FollowFields(element, type);
                element += size;
            }

            return;
        }

        // Pointers are no value types either, but take 4 bytes.
        if (size != ReferenceBytes)
        {
            return;
        }

        uint imageStart = s_imageStart;
        uint imageBytes = s_imageBytes;
        uint* first = ReferenceMaps.First;
        uint types = ReferenceMaps.Types;
        uint* end = (uint*)element + (2 * count);
        uint* at = (uint*)element + 1;
        while (true)
        {
            at = References.MarkLeaves(at, end, imageStart, imageBytes, first, types);
            if (at >= end)
            {
                return;
            }

            Push((uint*)*at - 1);
            at += 2;
        }
    }

    // No object, or none yet: whatever points at or into one keeps it.
    private static void FollowWords(uint* memory)
    {
        SlabHeap* heap = ManagedHeap.Objects;
        uint* end = (uint*)((byte*)memory - ManagedHeap.HeadBytes + heap->UsableBytes((byte*)memory - ManagedHeap.HeadBytes));
        for (uint* at = memory; at < end; at++)
        {
            uint* slot = (uint*)heap->Find(*at - ManagedHeap.Base);
            if (slot != null && (*slot & Mark) == 0)
            {
                Push(slot);
            }
        }
    }

    private static void MarkReference(uint reference)
    {
        uint* child = (uint*)reference;
        if ((child[-1] & Mark) == 0)
        {
            Push(child - 1);
        }
    }

    private static void Push(uint* slot)
    {
        *slot |= Mark;
        uint* top = s_top;
        if (top == s_limit)
        {
            Overflowed = true;
            return;
        }

        *top = (uint)(slot + 1);
        s_top = top + 1;
    }

    private struct Fallback
    {
        internal fixed uint Words[(int)FallbackObjects];
    }
}
