using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

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
/// What is RAM and nobody's is free: the page allocator's from stage buddy on. Cost: a line per holder.
/// </summary>
public static unsafe class HolderLog
{
    /// <summary>Logs the RAM that the boot must account for, a line per range, and what the e820 stage itself keeps back.</summary>
    public static void LogRam(BootBooks* books)
    {
        books->Log->PrintTable(&PrintRam, books);
        BootClaims.LogTrimmed(books->Log);
    }

    /// <summary>Logs every claim in the books as held from a stage on.</summary>
    public static void LogClaims(BootBooks* books, string stage)
    {
        for (int i = 0; i < books->Claims.Count; i++)
        {
            NamedRange* claim = books->Claims.Get(i);
            books->Log->Text("bootalloc: hold stage=");
            books->Log->Text(stage);
            books->Log->Text(" name=\"");
            books->Log->Bytes(NamedRange.Name(claim), 0);
            books->Log->Print("\" start=%x end=%x\n", claim->Start, claim->End);
        }
    }

    /// <summary>Logs [<paramref name="start"/>, <paramref name="end"/>), bytes, as held from a stage on.</summary>
    public static void Held(KernelLog* log, string stage, string name, ulong start, ulong end)
    {
        Line(log, "bootalloc: hold stage=", stage, name, start, end);
    }

    /// <summary>Logs [<paramref name="start"/>, <paramref name="end"/>), bytes, as given back in a stage.</summary>
    public static void Released(KernelLog* log, string stage, string name, ulong start, ulong end)
    {
        Line(log, "bootalloc: release stage=", stage, name, start, end);
    }

    /// <summary>Logs the free blocks of both zones by order.</summary>
    public static void LogBlocks(KernelLog* log, PageAllocator* pages)
    {
        Blocks(log, "dma", &pages->Dma);
        Blocks(log, "dma32", &pages->Dma32);
    }

    private static void PrintRam(void* state)
    {
        BootBooks* books = (BootBooks*)state;
        for (int i = 0; i < books->Ram.Count; i++)
        {
            books->Log->Print("bootalloc: ram start=%x end=%x\n", books->Ram.Start(i), books->Ram.End(i));
        }
    }

    private static void Line(KernelLog* log, string start, string stage, string name, ulong from, ulong to)
    {
        log->Text(start);
        log->Text(stage);
        log->Text(" name=\"");
        log->Text(name);
        log->Print("\" start=%x end=%x\n", from, to);
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
