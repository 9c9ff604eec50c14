using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// Who has memory before any allocator runs, in Linux's order and under Linux's names: the loader's information, the kernel
/// image, boot modules, the BIOS and its tables.
/// </summary>
/// <remarks>
/// Linux reserves more (trampolines for further CPUs, ACPI wake-up code, page tables): this kernel has none of these, and does not take
/// memory for the sake of a name.
/// </remarks>
public static unsafe class BootClaims
{
    private const string FirstPageName = "page 0";
    private const string IsaHoleName = "ISA hole";

    /// <summary>Writes the claims into the books. Reads the BIOS data area, and looks for an MP table.</summary>
    public static void Collect(ClaimList* claims, MachineFacts* facts, PhysicalMemory* physical)
    {
        // First, so that who comes later and overlaps takes its part: a loader may put its information into a gap of the image.
        for (int i = 0; i < facts->RangeCount; i++)
        {
            if (facts->IsLoaderInformation(i))
            {
                claims->Claim(facts->Range(i)->Start, facts->Range(i)->End, MachineFacts.LoaderInformation, true);
            }
        }

        claims->Claim(facts->TextStart, facts->ImageEnd, "TEXT DATA BSS", false);
        for (int i = 0; i < facts->RangeCount; i++)
        {
            NamedRange* range = facts->Range(i);
            if (!facts->IsLoaderInformation(i))
            {
                // A module's last page is its own, whatever else lies in it.
                claims->Claim(range->Start, PageSize.PfnUp(range->End) << PageSize.Shift, MachineFacts.Module, false);
            }
        }

        claims->Claim(BiosArea.Start(*physical), BiosArea.End, BiosArea.Name, true);
        ClaimMpTable(claims, *physical);
    }

    /// <summary>
    /// Claims what the e820 stage takes out of RAM: page 0 and the ISA hole, where firmware calls them usable. Last in the books, so
    /// that every other claim there comes first.
    /// </summary>
    public static void ClaimTrimmed(ClaimList* claims)
    {
        claims->Note(0, PcMap.FirstPageEnd, FirstPageName, true);
        claims->Note(PcMap.IsaHoleStart, PcMap.IsaHoleEnd, IsaHoleName, true);
    }

    /// <summary>Logs the same ranges as held from stage e820 on.</summary>
    public static void LogTrimmed(KernelLog* log)
    {
        HolderLog.Held(log, "e820", FirstPageName, 0, PcMap.FirstPageEnd);
        HolderLog.Held(log, "e820", IsaHoleName, PcMap.IsaHoleStart, PcMap.IsaHoleEnd);
    }

    private static void ClaimMpTable(ClaimList* claims, PhysicalMemory physical)
    {
        MpTable table = default;
        if (table.Find(physical))
        {
            claims->Claim(table.Pointer, table.Pointer + MpTable.PointerBytes, MpTable.PointerName, true);
            claims->Claim(table.Configuration, table.Configuration + table.ConfigurationBytes, MpTable.ConfigurationName, true);
        }
    }
}
