using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Configs;

/// <summary>
/// Lmb: e820, lmb, buddy, object heap. What was announced for 2.6.35: the table that other architectures used, instead of early_res.
/// </summary>
public static unsafe class LmbVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    public const string Name = "lmb";

    /// <summary>The stages in order.</summary>
    public const string Stages = "e820, lmb, buddy, heap";

    /// <summary>What it reproduces.</summary>
    public const string Models = "Linux 2.6.34's lmb, as announced for x86 in 2.6.35";

    /// <summary>Runs the stages in order.</summary>
    public static void Run(BootState* boot)
    {
        E820Stage.Run(boot);
        LmbStage.Run(boot);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
    }
}
