using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Boot.Panics;

/// <summary>What the CPU had in its registers when an exception stopped the kernel.</summary>
internal struct CpuRegisters
{
    internal uint Eip;
    internal uint Flags;
    internal uint Esp;
    internal uint Ebp;
    internal uint Eax;
    internal uint Ebx;
    internal uint Ecx;
    internal uint Edx;
    internal uint Esi;
    internal uint Edi;
}

/// <summary>
/// An exception inside the kernel becomes a panic that prints the registers too. The toolchain's interrupt code fills in
/// <see cref="Registers"/> and calls <see cref="Stop"/>.
/// </summary>
internal static unsafe class CpuException
{
    // Three characters for each vector (Intel SDM volume 3, table 6-1).
    private const string Names = "#DE#DBNMI#BP#OF#BR#UD#NM#DF---#TS#NP#SS#GP#PF---#MF#AC#MC#XM";
    private const int NameLength = 3;
    private const uint PageFault = 14;

    private static CpuRegisters s_registers;
    private static uint s_vector;

    /// <summary>True once an exception stopped the kernel.</summary>
    internal static bool Happened { get; private set; }

    /// <summary>The registers at the exception.</summary>
    internal static CpuRegisters* Registers
    {
        get
        {
            fixed (CpuRegisters* registers = &s_registers)
            {
                return registers;
            }
        }
    }

    /// <summary>Panics; does not return.</summary>
    /// <param name="vector">The exception's number, 0 to 31.</param>
    /// <param name="errorCode">What the CPU pushed; 0 for exceptions without an error code.</param>
    internal static void Stop(uint vector, uint errorCode)
    {
        Happened = true;
        s_vector = vector;
        int at = (int)vector * NameLength;
        if (at >= Names.Length)
        {
            KernelState.Log->Panic("CPU exception %d at %08x, error code %x", vector, Registers->Eip, errorCode);
        }

        KernelState.Log->Panic(
            "CPU exception %d (%c%c%c) at %08x, error code %x", vector, Names[at], Names[at + 1], Names[at + 2], Registers->Eip, errorCode);
    }

    /// <summary>Prints the registers, CR2 only where it means something.</summary>
    internal static void PrintRegisters()
    {
        KernelLog* log = KernelState.Log;
        CpuRegisters* registers = Registers;
        log->Print("eip %08x eflags %08x esp %08x ebp %08x\n", registers->Eip, registers->Flags, registers->Esp, registers->Ebp);
        log->Print("eax %08x ebx %08x ecx %08x edx %08x\n", registers->Eax, registers->Ebx, registers->Ecx, registers->Edx);
        log->Print("esi %08x edi %08x", registers->Esi, registers->Edi);
        if (s_vector == PageFault)
        {
            log->Print(" cr2 %08x", Cpu.FaultAddress());
        }

        log->Print("\n");
    }
}
