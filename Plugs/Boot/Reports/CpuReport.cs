using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Boot.Reports;

/// <summary>One log line about the CPU and its clock, so that a log identifies its machine.</summary>
internal static unsafe class CpuReport
{
    /// <summary>Logs vendor, name (if the CPU has one), signature and clock.</summary>
    internal static void Print(KernelLog* log)
    {
        uint* registers = stackalloc uint[4];
        byte* text = stackalloc byte[49];
        Cpu.Identify(0, registers);
        if (registers[1] == 0)
        {
            log->Text("CPU: 486 without CPUID");
            Rate(log);
            return;
        }

        Store(text, registers[1]);
        Store(text + 4, registers[3]);
        Store(text + 8, registers[2]);
        text[12] = 0;
        log->Print("CPU: %s", (uint)text);

        Cpu.Identify(0x80000000, registers);
        if (registers[0] >= 0x80000004 && registers[0] < 0x80010000)
        {
            for (uint i = 0; i < 3; i++)
            {
                Cpu.Identify(0x80000002 + i, registers);
                for (uint j = 0; j < 4; j++)
                {
                    Store(text + (16 * i) + (4 * j), registers[j]);
                }
            }

            text[48] = 0;
            byte* name = text;
            while (*name == ' ')
            {
                name++;
            }

            log->Print(" \"%s\"", (uint)name);
        }

        Cpu.Identify(1, registers);
        log->Print(" signature %08x", registers[0]);
        Rate(log);
    }

    private static void Rate(KernelLog* log)
    {
        uint rate = Clock.TicksPerMicrosecond;
        if (Clock.TimerHz != 0)
        {
            log->Print(", no TSC, ticks of the PIT at %d Hz\n", Clock.TimerHz);
            return;
        }

        log->Print(", %d MHz", rate);
        log->Text(!Clock.Measured ? " assumed: the timer gave no plausible answer"
            : Clock.OutputImplausible ? " (measured by the PIT's count: its output at port 61h was not plausible)"
            : " (measured)");
        log->Print("\n");
    }

    private static void Store(byte* to, uint characters)
    {
        to[0] = (byte)characters;
        to[1] = (byte)(characters >> 8);
        to[2] = (byte)(characters >> 16);
        to[3] = (byte)(characters >> 24);
    }
}
