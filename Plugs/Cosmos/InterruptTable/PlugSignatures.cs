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

    internal static void INTsMatch()
    {
        delegate*<ref INTs.IRQContext, void> divide = &INTs.HandleInterrupt_00;
        divide = &ExceptionPlug.HandleInterrupt_00;
        delegate*<ref INTs.IRQContext, void> opcode = &INTs.HandleInterrupt_06;
        opcode = &ExceptionPlug.HandleInterrupt_06;
        delegate*<ref INTs.IRQContext, void> doubleFault = &INTs.HandleInterrupt_08;
        doubleFault = &ExceptionPlug.HandleInterrupt_08;
        delegate*<ref INTs.IRQContext, void> segment = &INTs.HandleInterrupt_0B;
        segment = &ExceptionPlug.HandleInterrupt_0B;
        delegate*<ref INTs.IRQContext, void> stack = &INTs.HandleInterrupt_0C;
        stack = &ExceptionPlug.HandleInterrupt_0C;
        delegate*<ref INTs.IRQContext, void> protection = &INTs.HandleInterrupt_0D;
        protection = &ExceptionPlug.HandleInterrupt_0D;
        delegate*<ref INTs.IRQContext, void> page = &INTs.HandleInterrupt_0E;
        page = &ExceptionPlug.HandleInterrupt_0E;
    }
}
