using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Configs;

/// <summary>
/// Bootmem: e820, early_res, bootmem, buddy, object heap. 2.6.34 with CONFIG_NO_BOOTMEM=n, the way all kernels before it booted.
/// </summary>
public static unsafe class BootmemVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    public const string Name = "bootmem";

    /// <summary>The stages in order.</summary>
    public const string Stages = "e820, early_res, bootmem, buddy, heap";

    /// <summary>What it reproduces.</summary>
    public const string Models = "Linux 2.6.34, CONFIG_NO_BOOTMEM=n";

    /// <summary>Runs the stages in order.</summary>
    public static void Run(BootState* boot)
    {
        E820Stage.Run(boot);
        EarlyResStage.Run(boot);
        BootmemStage.Run(boot);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
    }
}
