using CosmosBootAlloc.Memory;
using Cosmos.Core;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// Marking: the objects that are marked and whose references are still to be followed. A reference under IL2CPU is 8 bytes; the upper 4 are the
/// address.
/// </summary>
internal static unsafe class Marks
{
    /// <summary>Set in a block's first word (not the object's) while it is known to be live.</summary>
    internal const uint Mark = 1;

    private const uint FallbackObjects = 256;

    // What Cosmos writes into an object: type, kind; then size or element count, and for arrays the element's size.
    private const uint KindObject = 1;
    private const uint KindArray = 2;
    private const uint KindBox = 3;
    private const uint FieldsAt = 12;
    private const uint ElementsAt = 16;
    private const uint ReferenceBytes = 8;

    private static uint* s_bottom;
    private static uint* s_top;
    private static uint* s_limit;
    private static uint s_typeCount;
    private static Fallback s_fallback;

    /// <summary>An object was marked and did not fit: a walk over the heap has to find it.</summary>
    internal static bool Overflowed { get; set; }

    /// <summary>Starts empty over some memory of so many words, of which at most <paramref name="limit"/> are used; 0 for all.</summary>
    internal static void Use(uint* memory, uint words, uint limit)
    {
        s_bottom = memory;
        s_top = memory;
        s_limit = memory + (limit != 0 && limit < words ? limit : words);
        s_typeCount = VTablesImpl.gcTypes == null ? 0 : (uint)VTablesImpl.gcTypes.Length;
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
        if (type >= s_typeCount)
        {
            return;
        }

        uint count = VTablesImpl.gcTypes[type].GCFieldCount;
        if (count == 0)
        {
            return;
        }

        uint[] offsets = VTablesImpl.gcTypes[type].GCFieldOffsets;
        uint[] types = VTablesImpl.gcTypes[type].GCFieldTypes;
        for (uint i = 0; i < count; i++)
        {
            byte* field = start + offsets[i];
            uint fieldType = types[i];
            if (!VTablesImpl.mTypes[fieldType].IsValueType)
            {
                MarkReference(*(uint*)(field + sizeof(uint)));
            }
            else if (VTablesImpl.mTypes[fieldType].IsStruct)
            {
                // Types nest, data does not: as deep as structs are declared in one another.
                FollowFields(field, fieldType);
            }
        }
    }

    private static void Follow(uint* memory)
    {
        uint type = memory[0];
        uint kind = memory[1];
        if (type >= s_typeCount)
        {
            kind = 0;
        }

        switch (kind)
        {
            case KindObject:
                FollowFields((byte*)memory, type);
                break;
            case KindArray:
                FollowElements(memory, type);
                break;
            case KindBox:
                FollowFields((byte*)memory + FieldsAt, type);
                break;
            default:
                FollowWords(memory);
                break;
        }
    }

    private static void FollowElements(uint* array, uint type)
    {
        uint count = array[2];
        uint size = array[3];
        byte* element = (byte*)array + ElementsAt;
        if (!VTablesImpl.mTypes[type].IsValueType)
        {
            // Pointers are no value types either, but take 4 bytes.
            for (uint i = 0; i < count && size == ReferenceBytes; i++)
            {
                MarkReference(*(uint*)(element + sizeof(uint)));
                element += ReferenceBytes;
            }
        }
        else if (VTablesImpl.mTypes[type].IsStruct && VTablesImpl.gcTypes[type].GCFieldCount != 0)
        {
            for (uint i = 0; i < count; i++)
            {
                FollowFields(element, type);
                element += size;
            }
        }
    }

    // No object, or none yet: whatever points at or into one keeps it.
    private static void FollowWords(uint* memory)
    {
        SlabHeap* heap = ManagedHeap.Objects;
        uint* end = (uint*)((byte*)memory - ManagedHeap.HeadBytes + heap->UsableBytes((byte*)memory - ManagedHeap.HeadBytes));
        for (uint* at = memory; at < end; at++)
        {
            uint* slot = (uint*)heap->Find(*at);
            if (slot != null && (*slot & Mark) == 0)
            {
                Push(slot);
            }
        }
    }

    private static void MarkReference(uint reference)
    {
        if (reference == 0)
        {
            return;
        }

        // Literals and arrays of the image are no part of the heap and live for ever.
        uint* slot = (uint*)ManagedHeap.Objects->Find(reference);
        if (slot != null && (*slot & Mark) == 0)
        {
            Push(slot);
        }
    }

    private static void Push(uint* slot)
    {
        *slot |= Mark;
        if (s_top == s_limit)
        {
            Overflowed = true;
            return;
        }

        *s_top = (uint)(slot + (ManagedHeap.HeadBytes / sizeof(uint)));
        s_top++;
    }

    private struct Fallback
    {
        internal fixed uint Words[(int)FallbackObjects];
    }
}
