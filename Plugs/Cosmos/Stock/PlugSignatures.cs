using Cosmos.Core;

namespace CosmosBootAlloc.Plugs.Stock;

/// <summary>The baseline's plug beside what it replaces, as in Plugs/Cosmos/Targets/PlugSignatures.cs.</summary>
internal static unsafe partial class PlugSignatures
{
    internal static void CPUMatches()
    {
        delegate*<void> enableInterrupts = &CPU.EnableInterrupts;
        enableInterrupts = &CpuPlug.EnableInterrupts;
    }
}
