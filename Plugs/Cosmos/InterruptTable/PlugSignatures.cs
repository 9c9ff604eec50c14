using Cosmos.Core;

namespace CosmosBootAlloc.Plugs.InterruptTable;

/// <summary>The plug for both heaps beside what it replaces, as in Plugs/Cosmos/Targets/PlugSignatures.cs.</summary>
internal static unsafe partial class PlugSignatures
{
    internal static void CPUMatches()
    {
        delegate*<void> enableInterrupts = &CPU.EnableInterrupts;
        enableInterrupts = &CpuPlug.EnableInterrupts;
    }
}
