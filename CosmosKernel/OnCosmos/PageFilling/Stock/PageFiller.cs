using Cosmos.Core.Memory;

namespace CosmosBootAlloc.Kernel.OnCosmos.PageFilling.Stock;

/// <summary>
/// Takes part of the machine's pages for a benchmark and gives them back. It writes Cosmos's table directly, one byte per page: taking half
/// of 256 MB through RAT.AllocPages, which scans every page below, would take hours under an emulator.
/// </summary>
internal static unsafe class PageFiller
{
    // Not a page type that Cosmos uses.
    private const byte Filled = 0x2a;

    /// <summary>Takes the given number of free pages, lowest first.</summary>
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
