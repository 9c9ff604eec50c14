using Cosmos.Core;

namespace CosmosBootAlloc.Boot.Cosmos;

/// <summary>Single CPU instructions: Cosmos's methods where they exist, else our own (<see cref="Instructions"/>).</summary>
internal static unsafe class Cpu
{
    /// <summary>Writes a byte to an I/O port.</summary>
    internal static void Out8(ushort port, byte value) => IOPort.Write8(port, value);

    /// <summary>Writes 16 bits to an I/O port.</summary>
    internal static void Out16(ushort port, ushort value) => IOPort.Write16(port, value);

    /// <summary>Writes 32 bits to an I/O port.</summary>
    internal static void Out32(ushort port, uint value) => IOPort.Write32(port, value);

    /// <summary>Reads a byte from an I/O port.</summary>
    internal static byte In8(ushort port) => IOPort.Read8(port);

    /// <summary>Reads 16 bits from an I/O port.</summary>
    internal static ushort In16(ushort port) => IOPort.Read16(port);

    /// <summary>The time-stamp counter, in ticks since reset.</summary>
    internal static ulong TimeStamp() => CPU.GetCPUUptime();

    /// <summary>The rate of a clock whose rate is known; 0: this one's must be measured.</summary>
    internal static uint TimerHz() => 0;

    /// <summary>CPUID: stores eax, ebx, ecx, edx of a leaf.</summary>
    internal static void Identify(uint leaf, uint* registers)
    {
        int eax = 0;
        int ebx = 0;
        int ecx = 0;
        int edx = 0;
        CPU.ReadCPUID(leaf, ref eax, ref ebx, ref ecx, ref edx);
        registers[0] = (uint)eax;
        registers[1] = (uint)ebx;
        registers[2] = (uint)ecx;
        registers[3] = (uint)edx;
    }

    /// <summary>Halts until the next interrupt; forever if interrupts are off.</summary>
    internal static void Halt() => Instructions.Halt();

    /// <summary>Turns interrupts on.</summary>
    internal static void EnableInterrupts() => CPU.EnableInterrupts();

    /// <summary>Turns interrupts off.</summary>
    internal static void DisableInterrupts() => CPU.DisableInterrupts();

    /// <summary>True while interrupts are on.</summary>
    internal static bool InterruptsEnabled() => (Instructions.Flags() & 0x200) != 0;

    /// <summary>EBP: the frame of the method that asks.</summary>
    internal static uint Frame() => *Instructions.Frame();

    /// <summary>CR2: the address whose access raised the last page fault.</summary>
    internal static uint FaultAddress() => Instructions.FaultAddress();

    /// <summary>
    /// Call with interrupts off: turns them on, halts until one arrives, turns them off again. No wakeup is lost in between.
    /// </summary>
    internal static void WaitForInterrupt() => Instructions.WaitForInterrupt();

    /// <summary>Resets the machine by an exception without a handler.</summary>
    internal static void TripleFault() => Instructions.TripleFault();
}
