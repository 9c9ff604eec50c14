using CosmosBootAlloc.Boot.Cosmos;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.InterruptTable;

/// <summary>
/// Interrupts wait for their table, with our heaps and with the baseline, where it is the one thing that is changed outside of the heap,
/// so that each boot of it is a boot. The stock heap ends every allocation by switching interrupts on, from the very first; a tick of the
/// timer before Cosmos has loaded its table of handlers is then a triple fault, which took 2 of 304 boots. A kernel's constructor can do
/// the same with any heap. The flag is set as ever, the instruction waits for the table.
/// </summary>
[Plug(Target = typeof(Cosmos.Core.CPU))]
public static class CpuPlug
{
    /// <summary>
    /// CPU.EnableInterrupts, once there is a handler for the timer; in fewer instructions than Cosmos's own takes, so that no figure of the
    /// baseline is the worse for it.
    /// </summary>
    [PlugMethod(Assembler = typeof(EnableInterruptsCode))]
    public static void EnableInterrupts() => throw null;
}

/// <summary>See <see cref="CpuPlug.EnableInterrupts"/>.</summary>
public sealed class EnableInterruptsCode : Code
{
    // An entry of the table has eight bytes and is all zeros until it is filled in; the timer's vector is 32.
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov byte [Processor_InterruptsEnabled], 1",
        "cmp dword [_NATIVE_IDT_Contents + 32 * 8], 0",
        "je .none",
        "sti",
        ".none:",
    };
}
