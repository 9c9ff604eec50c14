using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>slabinfo: the heaps' slabs by object size.</summary>
internal sealed unsafe class SlabInfoCommand : Command
{
    internal override string Name => "slabinfo";

    internal override string Summary => "the heaps' slabs by object size";

    internal override void Run(ref CommandInput input)
    {
        SlabReport.Print(KernelState.Console);
    }
}
