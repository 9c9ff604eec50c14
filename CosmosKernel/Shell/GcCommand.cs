namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>gc: frees the objects that nothing points at.</summary>
internal sealed unsafe class GcCommand : Command
{
    internal override string Name => "gc";

    internal override string Summary => "frees the objects that nothing points at";

    internal override void Run(ref CommandInput input)
    {
        uint objects = Root.Memory->Heap.Objects;
        uint free = Root.Memory->Pages.FreePageCount;
        Collector.Collect();
        Root.Console->Print("gc: run %d: %d objects before, %d live, %d freed; %d pages given back; %d ticks\n", Collector.Runs, objects, Collector.Live, objects - Collector.Live, Root.Memory->Pages.FreePageCount - free, Collector.Ticks);
    }
}
