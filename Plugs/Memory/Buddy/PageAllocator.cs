using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>The zones, lowest addresses first.</summary>
public enum ZoneType
{
    /// <summary>Pages below 16 MiB, all that the old ISA bus can reach.</summary>
    Dma = 0,

    /// <summary>Pages from 16 MiB up.</summary>
    Dma32 = 1,
}

/// <summary>
/// The machine's page allocator: the DMA and DMA32 zones over one table of <see cref="PageFrame"/>s that covers
/// [0, end of memory). Last stage of every variant but the heap.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/> with a table that a boot stage has reserved; each page that the boot allocator leaves is handed over
/// once (<see cref="HandOver"/>, <see cref="HandOverRange"/>); from then on <see cref="AllocatePages"/> and <see cref="FreePages"/>.
/// A page that is never handed over stays reserved, and the zones can tell it from a free or an allocated one.
/// A wish for DMA32 falls back to DMA when DMA32 has nothing of that size; a wish for DMA never falls back. (2.6.34 zone lists,
/// without watermarks.)
/// </remarks>
public unsafe struct PageAllocator
{
    /// <summary>The DMA zone ends here: 16 MiB. A multiple of the largest block, so no block lies in both zones.</summary>
    public const uint DmaEndPfn = 4096;

    /// <summary>Returned when nothing is free.</summary>
    public const uint None = Zone.None;

    /// <summary>The zone below 16 MiB.</summary>
    public Zone Dma;

    /// <summary>The zone from 16 MiB up; without pages on a smaller machine.</summary>
    public Zone Dma32;

    private RecentRow _recent;
    private KernelLog* _log;
    private uint _endPfn;

    /// <summary>Bytes of table for [0, <paramref name="endPfn"/>): 8 per page, rounded up to whole pages.</summary>
    public static ulong MetadataBytes(ulong endPfn)
    {
        return PageSize.WholePages(endPfn << PageFrame.SizeShift);
    }

    /// <summary>
    /// Makes both zones, empty. The table may hold anything: each frame is cleared when it is first needed (Zone.Sections.cs).
    /// O(pages/1024).
    /// </summary>
    /// <param name="log">Where broken contracts are reported.</param>
    /// <param name="physical">The way to the table.</param>
    /// <param name="tableAddress">Physical address in bytes, page aligned, of <see cref="MetadataBytes"/> bytes that are reserved.</param>
    /// <param name="endPfn">End of the pages to manage (exclusive), at most <see cref="Zone.MaxEndPfn"/>.</param>
    public void Init(KernelLog* log, PhysicalMemory* physical, ulong tableAddress, ulong endPfn)
    {
        if (endPfn > Zone.MaxEndPfn)
        {
            log->Bug("page allocator up to pfn %x: at most %x", endPfn, Zone.MaxEndPfn);
            return;
        }

        PageFrame* table = (PageFrame*)physical->At(tableAddress);
        uint end = (uint)endPfn;
        uint border = end < DmaEndPfn ? end : DmaEndPfn;
        _log = log;
        _endPfn = end;
        _recent = default;
        Dma.Init(log, table, 0, 0, border);
        Dma32.Init(log, table, 0, border, end);

        // The frames behind the last page that its table page has room for are nobody's.
        Zeroing.Clear((byte*)(table + end), (nuint)(MetadataBytes(endPfn) - (endPfn << PageFrame.SizeShift)));
    }

    /// <summary>
    /// Takes a block of 2^<paramref name="order"/> pages, from a zone or the ones it falls back to. O(1). When there is none, the row
    /// that was given back last goes to its zone first.
    /// </summary>
    /// <param name="order">0..10; a larger one is never available.</param>
    /// <param name="zone">The highest zone that will do.</param>
    /// <returns>Pfn of the first page, or <see cref="None"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint AllocatePages(uint order, ZoneType zone = ZoneType.Dma32)
    {
        if (zone == ZoneType.Dma32)
        {
            uint pfn = Dma32.Allocate(order);
            if (pfn != None)
            {
                return pfn;
            }
        }

        return AllocateElsewhere(order, zone);
    }

    /// <summary>
    /// Gives back a block that <see cref="AllocatePages"/> returned, whole and once, to the zone it lies in. O(1). Anything else
    /// is a BUG that names what was found.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FreePages(uint pfn, uint order)
    {
        if (pfn >= DmaEndPfn)
        {
            Dma32.Free(pfn, order);
            return;
        }

        FreeDma(pfn, order);
    }

    /// <summary>
    /// The row that was given back last if it has exactly that many pages, else <see cref="None"/>: what an owner of rows asks for
    /// first. O(1).
    /// </summary>
    /// <param name="pages">How many.</param>
    /// <param name="lowestPfn">None of them below this one.</param>
    public uint TakeRecentRow(uint pages, uint lowestPfn) => _recent.Take(pages, lowestPfn);

    /// <summary>
    /// Gives back a row that a zone or <see cref="TakeRecentRow"/> gave. A short one is kept aside for the next request, and the one that
    /// was goes to its zone. O(blocks of the row).
    /// </summary>
    public void GiveRow(uint pfn, uint pages)
    {
        if (pages > RecentRow.LongestRow)
        {
            FreeRow(pfn, pages);
            return;
        }

        ReturnRecent();
        _recent.Pfn = pfn;
        _recent.Pages = pages;
    }

    /// <summary>Whether a row is kept aside.</summary>
    public bool HasRecent => _recent.Pages != 0;

    /// <summary>Gives the row that is kept aside, if any, to its zone. O(its blocks).</summary>
    public void ReturnRecent()
    {
        uint pages = _recent.Pages;
        if (pages != 0)
        {
            _recent.Pages = 0;
            FreeRow(_recent.Pfn, pages);
        }
    }

    /// <summary>Whether a page lies in a row that was given back and is kept aside.</summary>
    public bool IsRecent(uint pfn) => _recent.Holds(pfn);

    /// <summary>Gives a row of pages to the zone that it came from. O(blocks of the row).</summary>
    public void FreeRow(uint pfn, uint pages)
    {
        if (pfn < DmaEndPfn)
        {
            Dma.FreeExact(pfn, pages);
        }
        else
        {
            Dma32.FreeExact(pfn, pages);
        }
    }

    // Once, not at every call: few pages lie here.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeDma(uint pfn, uint order) => Dma.Free(pfn, order);

    /// <summary>DMA32 has nothing, or will not do: DMA, then both once more with the row that was kept aside.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AllocateElsewhere(uint order, ZoneType zone)
    {
        uint pfn = Dma.Allocate(order);
        if (pfn != None || !HasRecent)
        {
            return pfn;
        }

        ReturnRecent();
        return AllocatePages(order, zone);
    }

    /// <summary>Hands over one aligned block of reserved pages; see <see cref="Zone.HandOver"/>. O(1).</summary>
    public void HandOver(uint pfn, uint order)
    {
        if (pfn < DmaEndPfn)
        {
            Dma.HandOver(pfn, order);
        }
        else
        {
            Dma32.HandOver(pfn, order);
        }
    }

    /// <summary>
    /// Hands over [<paramref name="startPfn"/>, <paramref name="endPfn"/>) in the largest aligned blocks, ascending; a range may
    /// span both zones. O(blocks).
    /// </summary>
    public void HandOverRange(uint startPfn, uint endPfn)
    {
        if (startPfn < DmaEndPfn)
        {
            Dma.HandOverRange(startPfn, endPfn < DmaEndPfn ? endPfn : DmaEndPfn);
            startPfn = DmaEndPfn;
        }

        Dma32.HandOverRange(startPfn, endPfn);
    }

    /// <summary>
    /// A receiver for <see cref="PageRuns"/>: hands over <paramref name="count"/> blocks of 2^<paramref name="order"/> pages, side by side,
    /// as one range.
    /// </summary>
    /// <param name="context">Pointer to the <see cref="PageAllocator"/>.</param>
    /// <param name="pfn">First page.</param>
    /// <param name="order">Order of each block.</param>
    /// <param name="count">Number of blocks.</param>
    public static void Receive(void* context, ulong pfn, uint order, ulong count)
    {
        PageAllocator* pages = (PageAllocator*)context;
        ulong endPfn = pfn + (count << (int)order);
        if (endPfn > pages->_endPfn)
        {
            pages->_log->Bug("handing over pages %x-%x to a page allocator that ends at %x", pfn, endPfn, pages->_endPfn);
            return;
        }

        pages->HandOverRange((uint)pfn, (uint)endPfn);
    }

    /// <summary>Pages ever handed over, in both zones.</summary>
    public uint ManagedPages => Dma.ManagedPages + Dma32.ManagedPages;

    /// <summary>Free pages in both zones, and those of the row kept aside. O(orders).</summary>
    public uint FreePageCount => Dma.FreePages + Dma32.FreePages + _recent.Pages;

    /// <summary>
    /// Whether at least so many pages are free. O(1) where the largest blocks alone are enough, else O(orders).
    /// </summary>
    public bool HasFree(uint pages) => Dma32.FreeBlocks(Zone.MaxOrder) << (int)Zone.MaxOrder >= pages || FreePageCount >= pages;

    /// <summary>Free blocks in both zones, all orders. O(orders).</summary>
    public uint FreeBlockCount
    {
        get
        {
            uint blocks = 0;
            for (uint order = 0; order < Zone.Orders; order++)
            {
                blocks += Dma.FreeBlocks(order) + Dma32.FreeBlocks(order);
            }

            return blocks;
        }
    }

    /// <summary>End of the pages covered by the table (exclusive).</summary>
    public uint EndPfn => _endPfn;

    /// <summary>Bytes of the table, whole pages.</summary>
    public ulong TableBytes => MetadataBytes(_endPfn);

    /// <summary>
    /// What any page of [0, <see cref="EndPfn"/>) belongs to; see <see cref="Zone.StateOf"/>. O(orders).
    /// </summary>
    public PageState StateOf(uint pfn, out uint head, out uint order)
    {
        return pfn < DmaEndPfn ? Dma.StateOf(pfn, out head, out order) : Dma32.StateOf(pfn, out head, out order);
    }

    /// <summary>Checks both zones against themselves; see <see cref="Zone.FindFault"/>. O(pages).</summary>
    /// <returns>A pfn where something is wrong, or <see cref="None"/>.</returns>
    public uint FindFault()
    {
        uint fault = Dma.FindFault();
        return fault != None ? fault : Dma32.FindFault();
    }
}
