using CosmosBootAlloc.Memory;

namespace CosmosBootAlloc.Kernel.SelfTest;

/// <summary>The object heap: objects are zeroed, distinct, keep their content and come back.</summary>
internal static unsafe class HeapTest
{
    private const uint Objects = 200;

    internal static void Run(Checks* checks)
    {
        ObjectHeap* heap = &Root.Memory->Heap;
        uint objects = heap->Objects;
        ulong* held = stackalloc ulong[(int)Objects];
        bool zeroed = true;
        bool aligned = true;
        uint count = 0;
        for (; count < Objects; count++)
        {
            uint bytes = Bytes(count);
            ulong address = heap->Allocate(bytes);
            if (address == 0)
            {
                break;
            }

            aligned &= (address & 7) == 0;
            byte* memory = (byte*)(uint)address;
            for (uint i = 0; i < bytes; i++)
            {
                zeroed &= memory[i] == 0;
                memory[i] = (byte)count;
            }

            held[count] = address;
        }

        checks->Equal(Objects, count, "objects from 1 to 20,000 bytes are to be had");
        checks->Expect(zeroed, "a new object is all zero, also where one was before");
        checks->Expect(aligned, "objects are 8-byte aligned");

        bool intact = true;
        for (uint i = 0; i < count; i++)
        {
            // Every other one first, so that slabs are emptied out of order.
            uint index = i < (count + 1) / 2 ? 2 * i : (2 * (i - ((count + 1) / 2))) + 1;
            byte* memory = (byte*)(uint)held[index];
            intact &= memory[0] == (byte)index && memory[Bytes(index) - 1] == (byte)index;
            heap->Free(held[index]);
        }

        checks->Expect(intact, "objects keep what was written to them");
        checks->Equal(objects, heap->Objects, "all objects came back");
        checks->Equal(0, heap->Allocate(64 * 1024 * 1024), "an object beyond the largest block is refused");
    }

    // 1 .. 2,048 in uneven steps, and one in ten larger.
    private static uint Bytes(uint index) => index % 10 == 9 ? 2049 + (index * 90) : 1 + ((index * 37) % 2048);
}
