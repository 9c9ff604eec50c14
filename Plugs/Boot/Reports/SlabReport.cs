using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Reports;

/// <summary>The heaps' slabs with the columns of Linux's /proc/slabinfo that say something here. Allocates nothing.</summary>
internal static unsafe class SlabReport
{
    private const int NameWidth = 18;

    /// <summary>
    /// Prints one line per size class that has slabs: kmalloc-N (raw heap), object-N (<c>new</c>), ...-pages (large objects).
    /// </summary>
    internal static void Print(KernelLog* log)
    {
        log->Print("# name               active  objects  objsize  per slab  pages per slab    slabs\n");
        Heap(log, "kmalloc-", &KernelState.Memory->Raw);
        Heap(log, "object-", &KernelState.Memory->Heap);
    }

    private static void Heap(KernelLog* log, string prefix, SlabHeap* heap)
    {
        for (uint i = 0; i <= SizeClass.Count; i++)
        {
            heap->Count(i, out uint slabs, out uint pages, out uint objects, out uint used);
            if (slabs == 0)
            {
                continue;
            }

            bool large = i == SizeClass.Count;
            uint bytes = large ? (uint)PageSize.Bytes : SizeClass.Bytes(i);
            uint perSlab = large ? 1 : ((uint)PageSize.Bytes << (int)SizeClass.SlabOrder(i)) / bytes;
            log->Text(prefix);
            int width = prefix.Length;
            if (large)
            {
                log->Text("pages");
                width += 5;
                objects = pages;
                used = pages;
            }
            else
            {
                log->Print("%d", bytes);
                width += bytes < 10 ? 1 : bytes < 100 ? 2 : bytes < 1000 ? 3 : 4;
            }

            for (; width < NameWidth; width++)
            {
                log->Text(" ");
            }

            log->Print(
                " %8d %8d %8d %9d %15d %8d\n", used, objects, bytes, perSlab, large ? 1 : 1u << (int)SizeClass.SlabOrder(i), slabs);
        }
    }
}
