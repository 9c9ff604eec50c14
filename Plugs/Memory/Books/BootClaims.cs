using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

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
    /// <summary>Writes the claims into the books. Reads the BIOS data area, and looks for an MP table.</summary>
    public static void Collect(BootState* boot)
    {
        Ledger* ledger = &boot->Ledger;
        MachineFacts* facts = boot->Facts;

        // First, so that who comes later and overlaps takes its part: a loader may put its information into a gap of the image.
        for (int i = 0; i < facts->RangeCount; i++)
        {
            if (facts->IsLoaderInformation(i))
            {
                ledger->Claim(facts->Range(i)->Start, facts->Range(i)->End, MachineFacts.LoaderInformation, true);
            }
        }

        ledger->Claim(facts->TextStart, facts->ImageEnd, "TEXT DATA BSS", false);
        for (int i = 0; i < facts->RangeCount; i++)
        {
            NamedRange* range = facts->Range(i);
            if (!facts->IsLoaderInformation(i))
            {
                // A module's last page is its own, whatever else lies in it.
                ledger->Claim(range->Start, PageSize.PfnUp(range->End) << PageSize.Shift, "RAMDISK", false);
            }
        }

        ledger->Claim(BiosArea.Start(boot->Memory->Physical), BiosArea.End, BiosArea.Name, true);
        ClaimMpTable(boot);
    }

    private static void ClaimMpTable(BootState* boot)
    {
        MpTable table = default;
        if (table.Find(boot->Memory->Physical))
        {
            boot->Ledger.Claim(table.Pointer, table.Pointer + MpTable.PointerBytes, MpTable.PointerName, true);
            boot->Ledger.Claim(table.Configuration, table.Configuration + table.ConfigurationBytes, MpTable.ConfigurationName, true);
        }
    }
}
