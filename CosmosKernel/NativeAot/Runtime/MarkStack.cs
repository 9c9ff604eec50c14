using CosmosBootAlloc.Memory.Stages;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>Marking: the objects that are marked and whose references are still to be followed.</summary>
internal unsafe struct MarkStack
{
    /// <summary>Set in an object's first word while it is known to be live.</summary>
    internal const uint Mark = 1;

    /// <summary>Words of the stack when no page is free.</summary>
    internal const int FallbackWords = 256;

    // Where the map of one run is, in bytes before the type.
    private const int RunsAt = 4;
    private const int FirstAt = 8;
    private const int LengthAt = 12;

    private uint* _bottom;
    private uint* _top;
    private uint* _limit;

    /// <summary>
    /// End of the image. What lies below is null or an object in the image, which is not part of the heap and lives forever: the image
    /// starts at 1 MiB, and no object of the heap lies below that (<see cref="HeapStage.LowestObjectPfn"/>).
    /// </summary>
    private uint _imageEnd;

    /// <summary>An object was marked and did not fit: a walk over the heap has to find it.</summary>
    internal bool Overflowed;

    private fixed uint _fallback[FallbackWords];

    // The object at the end of the stack: a word of its type's map, no runs; its type's first word, no elements; its own first word.
    private uint _endRuns;
    private uint _endType;
    private uint _end;

    /// <summary>The stack inside this struct, which must not move.</summary>
    internal static uint* Fallback(MarkStack* stack) => stack->_fallback;

    /// <summary>Makes a stack in some memory the one that is used, empty. Neither may move.</summary>
    /// <param name="stack">The stack.</param>
    /// <param name="memory">The first word.</param>
    /// <param name="words">How many there are, at least 2; one is for the end of the stack.</param>
    /// <param name="limit">Have room for at most so many objects; 0 for all that fit.</param>
    internal static void Use(MarkStack* stack, uint* memory, uint words, uint limit)
    {
        stack->_endRuns = 0;
        stack->_endType = 0;
        stack->_end = (uint)&stack->_endType + Mark;
        *memory = (uint)&stack->_end;
        stack->_bottom = memory;
        stack->_top = memory + 1;
        stack->_limit = memory + (limit != 0 && limit + 1 < words ? limit + 1 : words);
        stack->_imageEnd = KernelImage.End();
        stack->Overflowed = false;
    }

    /// <summary>Marks an object that a root points at, and follows what it points at. 0 and the image's own objects are fine.</summary>
    internal void Reach(uint address)
    {
        if (address < _imageEnd)
        {
            return;
        }

        uint type = *(uint*)address;
        if ((type & Mark) != 0)
        {
            return;
        }

        *(uint*)address = type | Mark;
        if ((((MethodTable*)type)->Flags & MethodTable.HasPointers) != 0)
        {
            Follow((byte*)address, (MethodTable*)type);
            Drain();
        }
    }

    /// <summary>For a walk after an overflow: follows the references of a marked object again.</summary>
    internal static void Revisit(void* stack, byte* memory)
    {
        uint type = *(uint*)memory;
        if ((type & Mark) == 0)
        {
            return;
        }

        MethodTable* table = (MethodTable*)(type & ~Mark);
        if ((table->Flags & MethodTable.HasPointers) != 0)
        {
            MarkStack* marks = (MarkStack*)stack;
            marks->Follow(memory, table);
            marks->Drain();
        }
    }

    /// <summary>
    /// Follows references until the stack is empty. Most objects have one run of references and no elements: they are followed here,
    /// without a call. The end of the stack is an object that is none of those.
    /// </summary>
    internal void Drain()
    {
        uint* top = _top;
        while (true)
        {
            top--;
            byte* memory = (byte*)*top;
            byte* type = (byte*)(*(uint*)memory - Mark);
            if (*(int*)(type - RunsAt) != 1 || ((MethodTable*)type)->HasElementCount)
            {
                if (top == _bottom)
                {
                    return;
                }

                _top = top;
                Follow(memory, (MethodTable*)type);
                top = _top;
                continue;
            }

            // From the start of the run, below 0, to its end, which is 0.
            int at = (int)(0 - (*(uint*)(type - LengthAt) + ((MethodTable*)type)->BaseSize));
            byte* end = memory + *(uint*)(type - FirstAt) - at;
            do
            {
                uint child = *(uint*)(end + at);
                if (child >= _imageEnd)
                {
                    uint childType = *(uint*)child;
                    if ((childType & Mark) == 0)
                    {
                        childType += Mark;
                        *(uint*)child = childType;
                        if ((((MethodTable*)(childType - Mark))->Flags & MethodTable.HasPointers) != 0)
                        {
                            if (top != _limit)
                            {
                                *top = child;
                                top++;
                            }
                            else
                            {
                                Overflowed = true;
                            }
                        }
                    }
                }

                at += sizeof(uint);
            }
            while (at != 0);
        }
    }

    /// <summary>
    /// Marks what an object points at. The map lies before the type, from high addresses to low: the number of runs of references; then for
    /// each run its first byte in the object and its length, less the object's size. A negative number: elements that are structs, each
    /// with that many runs (first byte of the first element; then for each run the references in 16 bits and the bytes to skip behind them
    /// in 16).
    /// </summary>
    internal void Follow(byte* memory, MethodTable* type)
    {
        uint* map = (uint*)type - 1;
        int runs = (int)*map;
        if (runs < 0)
        {
            FollowElements(memory, type, runs);
            return;
        }

        uint size = type->BaseSize;
        if ((type->Flags & MethodTable.HasElements) != 0)
        {
            size += *(uint*)(memory + sizeof(uint)) * type->ElementSize;
        }

        do
        {
            uint* at = (uint*)(memory + map[-1]);
            uint* end = (uint*)((byte*)at + (map[-2] + size));
            map -= 2;
            for (; at < end; at++)
            {
                uint child = *at;
                if (child < _imageEnd)
                {
                    continue;
                }

                uint childType = *(uint*)child;
                if ((childType & Mark) == 0)
                {
                    *(uint*)child = childType | Mark;
                    if ((((MethodTable*)childType)->Flags & MethodTable.HasPointers) != 0)
                    {
                        Push(child);
                    }
                }
            }

            runs--;
        }
        while (runs != 0);
    }

    private void FollowElements(byte* memory, MethodTable* type, int runs)
    {
        uint* map = (uint*)type - 2;
        byte* at = memory + *map;
        byte* end = memory + MethodTable.InstanceBytes(memory, type) - sizeof(uint);
        while (at < end)
        {
            for (int i = 0; i > runs; i--)
            {
                uint run = map[i - 1];
                uint* stop = (uint*)at + (run & 0xffff);
                for (uint* reference = (uint*)at; reference < stop; reference++)
                {
                    MarkChild(*reference);
                }

                at = (byte*)stop + (run >> 16);
            }
        }
    }

    private void MarkChild(uint child)
    {
        if (child < _imageEnd)
        {
            return;
        }

        uint type = *(uint*)child;
        if ((type & Mark) == 0)
        {
            *(uint*)child = type | Mark;
            if ((((MethodTable*)type)->Flags & MethodTable.HasPointers) != 0)
            {
                Push(child);
            }
        }
    }

    private void Push(uint memory)
    {
        uint* top = _top;
        if (top == _limit)
        {
            Overflowed = true;
            return;
        }

        *top = memory;
        _top = top + 1;
    }
}
