using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>buddyinfo: free blocks by zone and order.</summary>
internal sealed unsafe class BuddyInfoCommand : Command
{
    internal override string Name => "buddyinfo";

    internal override string Summary => "free blocks by zone and order";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.BuddyInfo(KernelState.Console);
    }
}
