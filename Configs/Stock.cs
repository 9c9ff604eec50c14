using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Configs;

/// <summary>
/// Stock: Cosmos's own table of pages and heap, unchanged. None of our stages runs but the first: what the log says about it is read from
/// outside.
/// </summary>
public static unsafe class StockVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    public const string Name = "stock";

    /// <summary>The stages in order.</summary>
    public const string Stages = "largest block, RAT, HeapSmall";

    /// <summary>What it reproduces.</summary>
    public const string Models = "Cosmos gen2 as it is";

    /// <summary>Reads the map, as every variant does, so that the figures have the same base; the rest was done by Cosmos before.</summary>
    public static void Run(BootState* boot)
    {
        E820Stage.Run(boot);
    }
}
