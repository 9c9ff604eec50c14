using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Boot.State;

/// <summary>
/// The state that the boot and the running kernel share: memory, facts, boot state and logs. It lives in the image, from entry to
/// power-off, and only hands out pointers; it does not initialize or lock anything.
/// </summary>
internal static unsafe class KernelState
{
    private static MachineMemory s_memory;
    private static MachineFacts s_facts;
    private static BootState s_boot;
    private static KernelLog s_console;
    private static HeldLog s_heldLog;

    /// <summary>
    /// Every stage of the memory chain. Written by the stages themselves: during the chain, then by the allocators and heaps.
    /// </summary>
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

    /// <summary>
    /// What firmware and loader reported. Written before the chain by the loader's reader and, for the image's bounds, by
    /// <see cref="BootSequence.RunChain"/>; read-only afterwards.
    /// </summary>
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

    /// <summary>
    /// The boot state of this image's variant: options, books, clock. Written by <see cref="BootSequence.RunChain"/> and the stages of the
    /// chain; afterwards only its stage clock changes.
    /// </summary>
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

    /// <summary>The kernel log. Set up by <see cref="BootSequence.StartLog"/>; any code may print to it.</summary>
    internal static KernelLog* Log => &Memory->Log;

    /// <summary>
    /// Buffer for boot log lines until they are shown. Only <see cref="Log"/> writes it, until <see cref="BootSequence.ShowLog"/>.
    /// </summary>
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

    /// <summary>
    /// The shell's formatter, to screen and COM1 but not to the log. Set up by <see cref="BootSequence.StartLog"/>; shell code prints to
    /// it.
    /// </summary>
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
