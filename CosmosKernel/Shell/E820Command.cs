using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>e820: the memory map that the chain uses.</summary>
internal sealed unsafe class E820Command : Command
{
    internal override string Name => "e820";

    internal override string Summary => "the memory map that the chain uses";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.Map(KernelState.Console);
    }
}
