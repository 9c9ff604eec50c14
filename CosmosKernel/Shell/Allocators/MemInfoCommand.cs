using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>meminfo: memory by use, in kB.</summary>
internal sealed unsafe class MemInfoCommand : Command
{
    internal override string Name => "meminfo";

    internal override string Summary => "memory by use, in kB";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.MemInfo(KernelState.Console);
    }
}
