using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>gc: frees the objects that nothing points at.</summary>
internal sealed unsafe class GcCommand : Command
{
    internal override string Name => "gc";

    internal override string Summary => "frees the objects that nothing points at";

    internal override void Run(ref CommandInput input)
    {
        uint objects = KernelState.Memory->Heap.Objects;
        uint free = KernelState.Memory->Pages.FreePageCount;
        Collector.Collect();
        KernelState.Console->Print(
            "gc: run %d: %d objects before, %d live, %d freed\n    %d pages given back, %d ticks\n", GarbageCollection.Runs, objects,
            Collector.Live, objects - Collector.Live, KernelState.Memory->Pages.FreePageCount - free, Collector.Ticks);
    }
}
