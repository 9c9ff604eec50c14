using Cosmos.Core;
using IL2CPU.API.Attribs;
using XSharp.Assembler;

namespace CosmosBootAlloc.Boot.Cosmos;

/// <summary>
/// CPU instructions that neither C# nor Cosmos.Core offers. <see cref="InstructionsPlug"/> has the bodies: each pushes its result last,
/// and the epilogue that IL2CPU adds pops it. The bodies here are for tests on a host. Between a method and its plug, IL2CPU puts a stub
/// with its own frame.
/// </summary>
internal static unsafe class Instructions
{
    /// <summary>Reads the flags register.</summary>
    internal static uint Flags() => 0;

    /// <summary>Reads the flags register, then turns interrupts off.</summary>
    internal static uint TakeFlagsAndDisableInterrupts() => 0;

    /// <summary>Restores the flags, the interrupt flag included.</summary>
    internal static void RestoreFlags(uint flags)
    {
    }

    /// <summary>Turns interrupts on, halts until one arrives, turns them off.</summary>
    internal static void WaitForInterrupt()
    {
    }

    /// <summary>Halts until the next interrupt; forever if interrupts are off.</summary>
    internal static void Halt()
    {
    }

    /// <summary>Raises an exception with an empty interrupt table loaded.</summary>
    internal static void TripleFault()
    {
    }

    /// <summary>The calling method's frame (EBP). It holds the frame of that method's caller, followed by the return address.</summary>
    internal static uint* Frame() => (uint*)CPU.GetEBPValue();

    /// <summary>CR2.</summary>
    internal static uint FaultAddress() => 0;

    /// <summary>Enables SSE instructions; until then the first one raises an invalid opcode. The CPU must have SSE.</summary>
    internal static void EnableSse()
    {
    }

    /// <summary>First byte of the image.</summary>
    internal static uint ImageStart() => 0;

    /// <summary>First byte of the code.</summary>
    internal static uint CodeStart() => 0;
}

/// <summary>The bodies of <see cref="Instructions"/>.</summary>
[Plug(Target = typeof(Instructions))]
public static unsafe class InstructionsPlug
{
    /// <summary>See <see cref="Instructions.Flags"/>.</summary>
    [PlugMethod(Assembler = typeof(FlagsCode))]
    public static uint Flags() => throw null;

    /// <summary>See <see cref="Instructions.TakeFlagsAndDisableInterrupts"/>.</summary>
    [PlugMethod(Assembler = typeof(TakeFlagsCode))]
    public static uint TakeFlagsAndDisableInterrupts() => throw null;

    /// <summary>See <see cref="Instructions.RestoreFlags"/>.</summary>
    [PlugMethod(Assembler = typeof(RestoreFlagsCode))]
    public static void RestoreFlags(uint flags) => throw null;

    /// <summary>See <see cref="Instructions.WaitForInterrupt"/>.</summary>
    [PlugMethod(Assembler = typeof(WaitForInterruptCode))]
    public static void WaitForInterrupt() => throw null;

    /// <summary>See <see cref="Instructions.Halt"/>.</summary>
    [PlugMethod(Assembler = typeof(HaltCode))]
    public static void Halt() => throw null;

    /// <summary>See <see cref="Instructions.TripleFault"/>.</summary>
    [PlugMethod(Assembler = typeof(TripleFaultCode))]
    public static void TripleFault() => throw null;

    /// <summary>See <see cref="Instructions.Frame"/>.</summary>
    [PlugMethod(Assembler = typeof(FrameCode))]
    public static uint* Frame() => throw null;

    /// <summary>See <see cref="Instructions.FaultAddress"/>.</summary>
    [PlugMethod(Assembler = typeof(FaultAddressCode))]
    public static uint FaultAddress() => throw null;

    /// <summary>See <see cref="Instructions.EnableSse"/>.</summary>
    [PlugMethod(Assembler = typeof(EnableSseCode))]
    public static void EnableSse() => throw null;

    /// <summary>See <see cref="Instructions.ImageStart"/>.</summary>
    [PlugMethod(Assembler = typeof(ImageStartCode))]
    public static uint ImageStart() => throw null;

    /// <summary>See <see cref="Instructions.CodeStart"/>.</summary>
    [PlugMethod(Assembler = typeof(CodeStartCode))]
    public static uint CodeStart() => throw null;
}

/// <summary>Assembler lines, emitted verbatim.</summary>
public abstract class Code : AssemblerMethod
{
    /// <summary>The lines.</summary>
    protected abstract string[] Lines { get; }

    /// <inheritdoc/>
    public override void AssembleNew(Assembler aAssembler, object aMethodInfo)
    {
        foreach (string line in Lines)
        {
            new LiteralAssemblerCode(line);
        }
    }
}

/// <summary>See <see cref="Instructions.Flags"/>.</summary>
public sealed class FlagsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "pushfd" };
}

/// <summary>See <see cref="Instructions.TakeFlagsAndDisableInterrupts"/>.</summary>
public sealed class TakeFlagsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "pushfd", "cli" };
}

/// <summary>See <see cref="Instructions.RestoreFlags"/>.</summary>
public sealed class RestoreFlagsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "push dword [ebp + 8]", "popfd" };
}

/// <summary>See <see cref="Instructions.WaitForInterrupt"/>.</summary>
public sealed class WaitForInterruptCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "sti", "hlt", "cli" };
}

/// <summary>See <see cref="Instructions.Halt"/>.</summary>
public sealed class HaltCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "hlt" };
}

/// <summary>See <see cref="Instructions.TripleFault"/>.</summary>
public sealed class TripleFaultCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "push dword 0", "push dword 0", "lidt [esp]", "int3" };
}

/// <summary>See <see cref="Instructions.Frame"/>.</summary>
public sealed class FrameCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "mov eax, [ebp]", "push dword [eax]" };
}

/// <summary>See <see cref="Instructions.FaultAddress"/>.</summary>
public sealed class FaultAddressCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "mov eax, cr2", "push eax" };
}

/// <summary>See <see cref="Instructions.EnableSse"/>.</summary>
public sealed class EnableSseCode : Code
{
    // CR0: clear EM, set MP. CR4: set OSFXSR and OSXMMEXCPT.
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov eax, cr0",
        "and eax, 0xfffffffb",
        "or eax, 2",
        "mov cr0, eax",
        "mov eax, cr4",
        "or eax, 0x600",
        "mov cr4, eax",
    };
}

/// <summary>See <see cref="Instructions.ImageStart"/>.</summary>
public sealed class ImageStartCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "push dword MultibootHeader" };
}

/// <summary>See <see cref="Instructions.CodeStart"/>.</summary>
public sealed class CodeStartCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "push dword Kernel_Start" };
}
