using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Boot.State;

/// <summary>The kernel's one set of statics: the machine's memory, what the machine told, and the chain that ran over it.</summary>
internal static unsafe class KernelState
{
    private static MachineMemory s_memory;
    private static MachineFacts s_facts;
    private static BootState s_boot;
    private static KernelLog s_console;
    private static HeldLog s_heldLog;

    /// <summary>Every stage of the memory chain.</summary>
    internal static MachineMemory* Memory
    {
        get
        {
            fixed (MachineMemory* memory = &s_memory)
            {
                return memory;
            }
        }
    }

    /// <summary>What firmware and loader told.</summary>
    internal static MachineFacts* Facts
    {
        get
        {
            fixed (MachineFacts* facts = &s_facts)
            {
                return facts;
            }
        }
    }

    /// <summary>The chain of this image's variant, and its books.</summary>
    internal static BootState* Boot
    {
        get
        {
            fixed (BootState* boot = &s_boot)
            {
                return boot;
            }
        }
    }

    /// <summary>The kernel log.</summary>
    internal static KernelLog* Log => &Memory->Log;

    /// <summary>Room for the log of the boot until it can be written.</summary>
    internal static HeldLog* HeldLog
    {
        get
        {
            fixed (HeldLog* held = &s_heldLog)
            {
                return held;
            }
        }
    }

    /// <summary>The shell's formatter: to screen and COM1, not to the log.</summary>
    internal static KernelLog* Console
    {
        get
        {
            fixed (KernelLog* console = &s_console)
            {
                return console;
            }
        }
    }
}
