using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// Log lines for programs that say who holds what memory, each where it begins and where it ends, so that a reader knows the state
/// after every stage:
/// <code>
/// bootalloc: ram start=100000 end=7fe0000                                        usable RAM
/// bootalloc: hold stage=early_res name="TEXT DATA BSS" start=100000 end=13796c   from this stage on
/// bootalloc: release stage=buddy name="BOOTMAP" start=1000 end=2000              no longer
/// bootalloc: blocks zone=dma pages=3942 order0=3 order1=1 ... order10=2          free blocks by size
/// </code>
/// Ranges are bytes, hexadecimal, half-open. A page belongs to the first holder that touches it; those of stage e820 come last.
/// What is RAM and nobody's is free: the page allocator's from stage buddy on. Cost: a line a holder.
/// </summary>
public static unsafe class Holders
{
    /// <summary>Logs the RAM that the chain is answerable for, a line a range, and what the e820 stage itself keeps back.</summary>
    public static void LogRam(BootState* boot)
    {
        for (int i = 0; i < boot->Ram.Count; i++)
        {
            boot->Log->Print("bootalloc: ram start=%x end=%x\n", boot->Ram.Start(i), boot->Ram.End(i));
        }

        Hold(boot, "e820", "page 0", 0, PageSize.Bytes);
        Hold(boot, "e820", "ISA hole", E820Stage.IsaHoleStart, E820Stage.IsaHoleEnd);
    }

    /// <summary>Logs every claim in the books as held from a stage on.</summary>
    public static void LogClaims(BootState* boot, string stage)
    {
        for (int i = 0; i < boot->Ledger.Count; i++)
        {
            NamedRange* claim = boot->Ledger.Get(i);
            boot->Log->Text("bootalloc: hold stage=");
            boot->Log->Text(stage);
            boot->Log->Text(" name=\"");
            boot->Log->Bytes(NamedRange.Name(claim), 0);
            boot->Log->Print("\" start=%x end=%x\n", claim->Start, claim->End);
        }
    }

    /// <summary>Logs the page frame table, at the address that the stage's allocator gave.</summary>
    public static void LogPageTable(BootState* boot, string stage, ulong address)
    {
        Hold(boot, stage, BuddyStage.PageTableName, address, address + BuddyStage.PageTableBytes(boot));
    }

    /// <summary>Logs [<paramref name="start"/>, <paramref name="end"/>), bytes, as held from a stage on.</summary>
    public static void Hold(BootState* boot, string stage, string name, ulong start, ulong end)
    {
        Line(boot, "bootalloc: hold stage=", stage, name, start, end);
    }

    /// <summary>Logs [<paramref name="start"/>, <paramref name="end"/>), bytes, as given back in a stage.</summary>
    public static void Release(BootState* boot, string stage, string name, ulong start, ulong end)
    {
        Line(boot, "bootalloc: release stage=", stage, name, start, end);
    }

    /// <summary>Logs the free blocks of both zones by order.</summary>
    public static void LogBlocks(BootState* boot)
    {
        Blocks(boot->Log, "dma", &boot->Memory->Pages.Dma);
        Blocks(boot->Log, "normal", &boot->Memory->Pages.Normal);
    }

    private static void Line(BootState* boot, string start, string stage, string name, ulong from, ulong to)
    {
        boot->Log->Text(start);
        boot->Log->Text(stage);
        boot->Log->Text(" name=\"");
        boot->Log->Text(name);
        boot->Log->Print("\" start=%x end=%x\n", from, to);
    }

    private static void Blocks(KernelLog* log, string zone, Zone* buddy)
    {
        log->Text("bootalloc: blocks zone=");
        log->Text(zone);
        log->Print(" pages=%d", buddy->FreePages);
        for (uint order = 0; order < Zone.Orders; order++)
        {
            log->Print(" order%d=%d", order, buddy->FreeBlocks(order));
        }

        log->Print("\n");
    }
}
