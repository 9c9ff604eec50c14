using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Configs;

/// <summary>
/// Memblock: e820, memblock, buddy, object heap. Linux today: lmb grew flags, two growing lists, and took early_res's place.
/// </summary>
public static unsafe class MemblockVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    public const string Name = "memblock";

    /// <summary>The stages in order.</summary>
    public const string Stages = "e820, memblock, buddy, heap";

    /// <summary>What it reproduces.</summary>
    public const string Models = "Linux 6.12: memblock";

    /// <summary>Runs the stages in order.</summary>
    public static void Run(BootState* boot)
    {
        E820Stage.Run(boot);
        MemblockStage.Run(boot);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
    }
}
