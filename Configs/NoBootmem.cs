using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Configs;

/// <summary>
/// NoBootmem, the default: e820, early_res, nobootmem, buddy, object heap. 2.6.34 with CONFIG_NO_BOOTMEM=y, its own default.
/// </summary>
public static unsafe class NoBootmemVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    public const string Name = "nobootmem";

    /// <summary>The stages in order.</summary>
    public const string Stages = "e820, early_res, nobootmem, buddy, heap";

    /// <summary>What it reproduces.</summary>
    public const string Models = "Linux 2.6.34, CONFIG_NO_BOOTMEM=y";

    /// <summary>Runs the stages in order.</summary>
    public static void Run(BootState* boot)
    {
        E820Stage.Run(boot);
        EarlyResStage.Run(boot);
        NoBootmemStage.Run(boot);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
    }
}
