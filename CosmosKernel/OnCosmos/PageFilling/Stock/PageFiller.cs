using Cosmos.Core.Memory;

namespace CosmosBootAlloc.Kernel.OnCosmos.PageFilling.Stock;

/// <summary>
/// Takes part of the machine's pages for a benchmark and gives it back, directly in Cosmos's table of one byte per page: half of 256 MB by
/// RAT.AllocPages, which looks at every page before, would take hours under an emulator.
/// </summary>
internal static unsafe class PageFiller
{
    // No type of Cosmos's.
    private const byte Filled = 0x2a;

    /// <summary>Takes so many of the lowest free pages.</summary>
    internal static void Fill(uint pages)
    {
        for (uint i = 0; i < RAT.TotalPageCount && pages != 0; i++)
        {
            if (RAT.mRAT[i] == (byte)RAT.PageType.Empty)
            {
                RAT.mRAT[i] = Filled;
                RAT.FreePageCount--;
                pages--;
            }
        }
    }

    /// <summary>Gives them back.</summary>
    internal static void Empty()
    {
        for (uint i = 0; i < RAT.TotalPageCount; i++)
        {
            if (RAT.mRAT[i] == Filled)
            {
                RAT.mRAT[i] = (byte)RAT.PageType.Empty;
                RAT.FreePageCount++;
            }
        }
    }
}
