using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>alloc BYTES [ALIGNMENT]: takes memory from the raw heap and prints where it is.</summary>
internal sealed unsafe class AllocCommand : Command
{
    /// <summary>Who asked, in the leak list.</summary>
    internal const uint Site = 0xa110c;

    private const uint MostAlignment = (uint)PageSize.Bytes << (int)Zone.MaxOrder;

    internal override string Name => "alloc";

    internal override string Usage => "BYTES [ALIGN]";

    internal override string Summary => "takes memory and prints where it is";

    internal override string Details =>
        "    alloc 100          100 bytes, from a slab\n"
        + "    alloc 20K 4K       20 KiB at a multiple of 4 KiB: five pages of their own\n"
        + "    free 1a2b40        gives back what alloc printed\n";

    internal override void Run(ref CommandInput input)
    {
        uint alignment = 1;
        if (!input.TryNumber(1, out uint bytes) || (input.Words > 2 && !input.TryNumber(2, out alignment)))
        {
            KernelState.Console->Print("alloc: expected a number of bytes, as in 'alloc 100' or 'alloc 20K 4K'\n");
            return;
        }

        if (!Bits.IsPowerOfTwo(alignment) || alignment > MostAlignment)
        {
            KernelState.Console->Print(
                "alloc: expected an alignment that is a power of two, at most %d, found %d\n", MostAlignment, alignment);
            return;
        }

        if (GivenOut.IsFull)
        {
            KernelState.Console->Print("alloc: %d objects are out, which is the most; give some back with 'free'\n", GivenOut.Capacity);
            return;
        }

        SlabHeap* heap = &KernelState.Memory->Raw;
        void* memory = alignment <= SizeClass.Grain ? RawMemory.Allocate(bytes, Site) : heap->AllocateAligned(bytes, alignment, Site);
        if (memory == null)
        {
            heap->Explain(bytes, out Refusal refusal);
            KernelState.Console->Print(
                "alloc: no memory for %d bytes at a multiple of %d.\n"
                + "Pages in a row: %d needed, %d found in the %d kB that it may use;\n%d kB are withheld\n",
                bytes, alignment, refusal.Needed, refusal.Found, refusal.Usable << 2, refusal.Withheld << 2);
            return;
        }

        GivenOut.Add(memory);
        KernelState.Console->Print("%x: %d bytes, room for %d\n", (uint)memory, bytes, heap->UsableBytes(memory));
    }
}
