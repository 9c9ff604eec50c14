using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;

namespace CosmosBootAlloc.Kernel.SelfTest.Allocators;

/// <summary>The raw heap: objects are distinct, keep their content, change their size and come back with their pages.</summary>
internal static unsafe class HeapTest
{
    private const uint Objects = 200;

    internal static void Run(Checks* checks)
    {
        SlabHeap* heap = &KernelState.Memory->Raw;
        PageAllocator* pages = &KernelState.Memory->Pages;
        heap->Trim();
        uint objects = heap->Objects;
        uint free = pages->FreePageCount + KernelState.Memory->Slabs.Pages;
        uint* held = stackalloc uint[(int)Objects];
        bool aligned = true;
        bool known = true;
        uint count = 0;
        for (; count < Objects; count++)
        {
            byte* memory = (byte*)heap->Allocate(Bytes(count), count);
            if (memory == null)
            {
                break;
            }

            aligned &= ((uint)memory & 7) == 0;
            known &= heap->GaveOut(memory) && !heap->GaveOut(memory + 1);
            Fill(memory, Bytes(count), count);
            held[count] = (uint)memory;
        }

        checks->Equal(Objects, count, "objects from 1 to 20,000 bytes are to be had");
        checks->Equal(objects + count, heap->Objects, "the heap counts what it gave");
        checks->Expect(aligned && known, "objects are 8-byte aligned, and the heap knows where each starts");
        checks->Equal(0, heap->FindFault(), "the heap's slabs, lists and counts agree");

        bool intact = true;
        for (uint i = 0; i < count; i++)
        {
            // Every other one first, so that slabs are emptied out of order.
            uint index = i < (count + 1) / 2 ? 2 * i : (2 * (i - ((count + 1) / 2))) + 1;
            intact &= IsFilled((byte*)held[index], Bytes(index), index);
            heap->Free((void*)held[index]);
        }

        checks->Expect(intact, "objects keep what was written to them");
        checks->Equal(objects, heap->Objects, "all objects came back");
        Sizes(checks, heap);
        checks->Expect(heap->Allocate(0xffffffff, 0) == null, "an object as large as the address space is refused");
        heap->Trim();
        checks->Equal(free, pages->FreePageCount + KernelState.Memory->Slabs.Pages, "all pages of the heap came back");
    }

    private static void Sizes(Checks* checks, SlabHeap* heap)
    {
        byte* memory = (byte*)heap->Allocate(100, 0);
        Fill(memory, 100, 7);
        memory = (byte*)heap->Reallocate(memory, 50000, 0);
        checks->Expect(memory != null && IsFilled(memory, 100, 7), "an object that grows keeps its content");
        uint pages = heap->LargePages;
        memory = (byte*)heap->Reallocate(memory, 9000, 0);
        checks->Expect(
            memory != null && IsFilled(memory, 100, 7) && heap->LargePages < pages,
            "one that shrinks keeps its content and gives pages back", heap->LargePages, pages);
        heap->Free(memory);

        bool aligned = true;
        for (uint alignment = 1; alignment <= 65536; alignment *= 2)
        {
            memory = (byte*)heap->AllocateAligned(100, alignment, 0);
            aligned &= memory != null && ((uint)memory & (alignment - 1)) == 0;
            heap->Free(memory);
        }

        checks->Expect(aligned, "aligned objects are, up to 64 KiB");
    }

    private static void Fill(byte* memory, uint bytes, uint seed)
    {
        for (uint i = 0; i < bytes; i++)
        {
            memory[i] = (byte)(seed + (i * 7));
        }
    }

    private static bool IsFilled(byte* memory, uint bytes, uint seed)
    {
        for (uint i = 0; i < bytes; i++)
        {
            if (memory[i] != (byte)(seed + (i * 7)))
            {
                return false;
            }
        }

        return true;
    }

    // 1 .. 2,048 in uneven steps, and one in ten larger.
    private static uint Bytes(uint index) => index % 10 == 9 ? 2049 + (index * 90) : 1 + ((index * 37) % 2048);
}
