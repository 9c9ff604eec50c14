using Cosmos.Core;
using CosmosBootAlloc.Boot.Panics;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.InterruptTable;

/// <summary>
/// The CPU exceptions that a bug in a kernel raises become panics, with registers, frames, and the state of memory, on the screen and on
/// COM1. Cosmos's own handlers write the exception's name on the screen and stop.
/// </summary>
[Plug(Target = typeof(INTs))]
public static unsafe class ExceptionPlug
{
    /// <summary>INTs.HandleInterrupt_00: a division by zero.</summary>
    public static void HandleInterrupt_00(ref INTs.IRQContext aContext) => Stop(ref aContext, 0);

    /// <summary>INTs.HandleInterrupt_06: an undefined instruction.</summary>
    public static void HandleInterrupt_06(ref INTs.IRQContext aContext) => Stop(ref aContext, 6);

    /// <summary>INTs.HandleInterrupt_08: an exception while the CPU called the handler of another.</summary>
    public static void HandleInterrupt_08(ref INTs.IRQContext aContext) => Stop(ref aContext, 8);

    /// <summary>INTs.HandleInterrupt_0B: a segment that is not present.</summary>
    public static void HandleInterrupt_0B(ref INTs.IRQContext aContext) => Stop(ref aContext, 11);

    /// <summary>INTs.HandleInterrupt_0C: a stack access outside the stack's segment.</summary>
    public static void HandleInterrupt_0C(ref INTs.IRQContext aContext) => Stop(ref aContext, 12);

    /// <summary>INTs.HandleInterrupt_0D: a protection fault; a program's own handler comes first, as in Cosmos.</summary>
    public static void HandleInterrupt_0D(ref INTs.IRQContext aContext)
    {
        if (INTs.GeneralProtectionFault != null)
        {
            INTs.GeneralProtectionFault(ref aContext);
        }
        else
        {
            Stop(ref aContext, 13);
        }
    }

    /// <summary>INTs.HandleInterrupt_0E: a page fault.</summary>
    public static void HandleInterrupt_0E(ref INTs.IRQContext aContext) => Stop(ref aContext, 14);

    private static void Stop(ref INTs.IRQContext context, uint vector)
    {
        CpuRegisters* registers = CpuException.Registers;
        registers->Eip = context.EIP;
        registers->Flags = (uint)context.EFlags;

        // The CPU pushed flags, code segment, and eip last: above them is the stack as it was.
        fixed (uint* above = &context.UserESP)
        {
            registers->Esp = (uint)above;
        }

        registers->Ebp = context.EBP;
        registers->Eax = context.EAX;
        registers->Ebx = context.EBX;
        registers->Ecx = context.ECX;
        registers->Edx = context.EDX;
        registers->Esi = context.ESI;
        registers->Edi = context.EDI;
        CpuException.Stop(vector, context.Param);
    }
}
