using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Boot.NativeAot;

/// <summary>Single CPU instructions. The bodies are in NativeAot/Boot/cpu.asm.</summary>
internal static unsafe class Cpu
{
    /// <summary>Writes a byte to an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_out8")]
    internal static extern void Out8(ushort port, byte value);

    /// <summary>Writes 16 bits to an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_out16")]
    internal static extern void Out16(ushort port, ushort value);

    /// <summary>Writes 32 bits to an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_out32")]
    internal static extern void Out32(ushort port, uint value);

    /// <summary>Reads a byte from an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_in8")]
    internal static extern byte In8(ushort port);

    /// <summary>Reads 16 bits from an I/O port.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_in16")]
    internal static extern ushort In16(ushort port);

    /// <summary>The machine's clock: the time-stamp counter, in ticks since reset, or the timer's count where there is none.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_ticks")]
    internal static extern ulong TimeStamp();

    /// <summary>The rate in Hz of a clock whose rate is known, the timer's; 0 for the time-stamp counter.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_timer_hz")]
    internal static extern uint TimerHz();

    /// <summary>
    /// Where the timer is the clock: lets its interrupt through from here on, always. The other lines are then opened only while <see
    /// cref="WaitForInterrupt"/> waits.
    /// </summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_count_timer")]
    internal static extern void CountTimer();

    /// <summary>CPUID: stores eax, ebx, ecx, edx of a leaf; four zeros on a CPU without it.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_cpuid")]
    internal static extern void Identify(uint leaf, uint* registers);

    /// <summary>Halts until the next interrupt; forever if interrupts are off.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_halt")]
    internal static extern void Halt();

    /// <summary>Turns interrupts on.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_enable_interrupts")]
    internal static extern void EnableInterrupts();

    /// <summary>Turns interrupts off.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_disable_interrupts")]
    internal static extern void DisableInterrupts();

    /// <summary>EBP: the frame of the method that asks.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_frame")]
    internal static extern uint Frame();

    /// <summary>CR2: the address whose access raised the last page fault.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_fault_address")]
    internal static extern uint FaultAddress();

    /// <summary>
    /// Call with interrupts off: turns them on, halts until one arrives, turns them off again. No wakeup is lost in between. Where the
    /// timer is the clock, its interrupt stays on.
    /// </summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_wait_for_interrupt")]
    internal static extern void WaitForInterrupt();

    /// <summary>Resets the machine by an exception without a handler.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_triple_fault")]
    internal static extern void TripleFault();
}
