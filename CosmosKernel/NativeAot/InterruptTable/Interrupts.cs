using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Boot.Panics;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.NativeAot.InterruptTable;

/// <summary>What Boot/cpu.asm leaves on the stack for a handler; written back on return.</summary>
internal struct InterruptFrame
{
    internal uint Edi;
    internal uint Esi;
    internal uint Ebp;
    internal uint EspAtSave;
    internal uint Ebx;
    internal uint Edx;
    internal uint Ecx;
    internal uint Eax;
    internal uint Vector;
    internal uint ErrorCode;
    internal uint Eip;
    internal uint Cs;
    internal uint Flags;
}

/// <summary>
/// An exception stops the kernel with a message. Device interrupts only wake the CPU and move received bytes into the input queue:
/// the timer 100 times a second, keyboard and COM1 when something came.
/// </summary>
internal static unsafe class Interrupts
{
    private const int ExceptionCount = 32;
    private const int VectorCount = 48;
    private const byte TimerLine = 0;
    private const byte KeyboardLine = 1;
    private const byte SerialLine = 4;

    // COM2 and COM4.
    private const byte OtherSerialLine = 3;
    private const ushort MasterPic = 0x20;
    private const ushort SlavePic = 0xa0;
    private const byte EndOfInterrupt = 0x20;
    private const uint TimerHz = 100;
    private const uint PitHz = 1193182;

    private static InterruptTable s_table;

    /// <summary>
    /// Loads the table, so that exceptions are reported from here on. All device interrupts stay masked at the PICs until
    /// <see cref="StartDevices"/>, but the timer's where it is the clock.
    /// </summary>
    internal static void Init()
    {
        fixed (ulong* gates = s_table.Gates)
        {
            uint* entries = Entries();
            for (int i = 0; i < VectorCount; i++)
            {
                uint entry = entries[i];
                uint low = (0x08u << 16) | (entry & 0xffff);
                uint high = (entry & 0xffff0000) | 0x8e00;
                gates[i] = ((ulong)high << 32) | low;
            }

            TablePointer pointer;
            pointer.Limit = (VectorCount * sizeof(ulong)) - 1;
            pointer.Base = (uint)gates;
            Load(&pointer);
        }

        // Both PICs: vectors 32 to 47, cascade on line 2, 8086 mode, everything masked.
        Cpu.Out8(MasterPic, 0x11);
        Cpu.Out8(SlavePic, 0x11);
        Cpu.Out8(MasterPic + 1, ExceptionCount);
        Cpu.Out8(SlavePic + 1, ExceptionCount + 8);
        Cpu.Out8(MasterPic + 1, 4);
        Cpu.Out8(SlavePic + 1, 2);
        Cpu.Out8(MasterPic + 1, 1);
        Cpu.Out8(SlavePic + 1, 1);
        Cpu.Out8(MasterPic + 1, 0xff);
        Cpu.Out8(SlavePic + 1, 0xff);
        if (Cpu.TimerHz() != 0)
        {
            Cpu.CountTimer();
        }
    }

    /// <summary>
    /// Starts the timer and lets timer, keyboard and COM1 through. Interrupts are taken only where <see cref="Cpu"/> enables them.
    /// </summary>
    internal static void StartDevices()
    {
        if (Cpu.TimerHz() != 0)
        {
            // It runs since the first instructions, and the lines open while someone waits.
            return;
        }

        uint divisor = PitHz / TimerHz;
        Cpu.Out8(0x43, 0x36);
        Cpu.Out8(0x40, (byte)divisor);
        Cpu.Out8(0x40, (byte)(divisor >> 8));
        Cpu.Out8(MasterPic + 1, unchecked((byte)~((1 << TimerLine) | (1 << KeyboardLine) | (1 << SerialLine) | (1 << OtherSerialLine))));
    }

    [RuntimeExport("OnInterrupt")]
    private static void OnInterrupt(InterruptFrame* frame)
    {
        uint vector = frame->Vector;
        if (vector < ExceptionCount)
        {
            CpuRegisters* registers = CpuException.Registers;
            registers->Eip = frame->Eip;
            registers->Flags = frame->Flags;
            registers->Esp = (uint)(frame + 1);
            registers->Ebp = frame->Ebp;
            registers->Eax = frame->Eax;
            registers->Ebx = frame->Ebx;
            registers->Ecx = frame->Ecx;
            registers->Edx = frame->Edx;
            registers->Esi = frame->Esi;
            registers->Edi = frame->Edi;
            CpuException.Stop(vector, frame->ErrorCode);
            return;
        }

        uint line = vector - ExceptionCount;
        if (line == KeyboardLine)
        {
            Input.TakeKeyboard();
        }
        else if (line == SerialLine || line == OtherSerialLine)
        {
            Input.TakeSerial();
        }

        if (line >= 8)
        {
            Cpu.Out8(SlavePic, EndOfInterrupt);
        }

        Cpu.Out8(MasterPic, EndOfInterrupt);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_interrupt_entries")]
    private static extern uint* Entries();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_load_interrupt_table")]
    private static extern void Load(TablePointer* pointer);

    private struct InterruptTable
    {
        internal fixed ulong Gates[VectorCount];
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct TablePointer
    {
        internal ushort Limit;
        internal uint Base;
    }
}
