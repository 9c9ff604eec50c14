using Cosmos.Core;
using CosmosBootAlloc.Boot.Cosmos;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>
/// Two methods of Cosmos that only work while something else keeps switching interrupts on, as each allocation of the stock heap does. Ours
/// leaves the interrupt flag alone, so they are put right here; docs/cosmos.md lists what else depends on the flag.
/// </summary>
/// <remarks>Cosmos plugs both itself. IL2CPU takes the plug that is named first, and a kernel's own come before Cosmos's.</remarks>
[Plug(Target = typeof(CPU))]
public static class CpuRepairPlug
{
    /// <summary>
    /// Not 0 when the CPU has CPUID: then bit 21 of the flags can be changed (Intel SDM, CPUID). All flags are as before; Cosmos's own
    /// loads them from ECX, which holds something else, and writes to wherever ECX and EAX point.
    /// </summary>
    [PlugMethod(Assembler = typeof(CanReadCpuidCode))]
    public static int CanReadCPUID() => throw null;

    /// <summary>
    /// Waits for an interrupt, and switches interrupts on first once there are handlers for them: Cosmos calls this to wait for a key or
    /// the timer, and with interrupts off nothing would ever come.
    /// </summary>
    [PlugMethod(Assembler = typeof(HaltForInterruptCode))]
    public static void Halt() => throw null;
}

/// <summary>See <see cref="CpuRepairPlug.CanReadCPUID"/>.</summary>
public sealed class CanReadCpuidCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        // The flags twice: one copy to put back, one to change.
        "pushfd",
        "pushfd",
        "xor dword [esp], 0x200000",
        "popfd",
        "pushfd",
        "pop eax",
        "xor eax, [esp]",
        "popfd",
        "and eax, 0x200000",
        "push eax",
    };
}

/// <summary>See <see cref="CpuRepairPlug.Halt"/>.</summary>
public sealed class HaltForInterruptCode : Code
{
    // As in CpuPlug: the timer's entry is zeros until the table is filled in. STI takes effect after HLT has begun, so no wake-up is lost.
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "cmp dword [_NATIVE_IDT_Contents + 32 * 8], 0",
        "je .halt",
        "mov byte [Processor_InterruptsEnabled], 1",
        "sti",
        ".halt:",
        "hlt",
    };
}
