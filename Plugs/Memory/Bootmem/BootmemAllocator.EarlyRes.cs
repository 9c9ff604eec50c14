using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>Where the bitmap meets the stages before it: the memory map tells what to free, the early reservations what not to.</summary>
public unsafe partial struct BootmemAllocator
{
    /// <summary>The name under which the bitmap is reserved until it takes over.</summary>
    public const string MapName = "BOOTMAP";

    private const ulong DmaEnd = 16UL << 20;

    /// <summary>
    /// The set-up for one node [0, <paramref name="endPfn"/>), as x86-64 does it: finds whole pages for the bitmap below the end and
    /// reserves them as "BOOTMAP", makes the bitmap, registers the map's RAM as active ranges and frees those. What the early
    /// reservations cover is still free then: <see cref="TakeOver"/> is next. Panics when there is no room. O(pages/32 + map
    /// entries + cost of the reservation).
    /// </summary>
    public void SetUp(
        KernelLog* log,
        PhysicalMemory* physical,
        E820Map* map,
        EarlyReservations* reservations,
        ActiveRanges* active,
        ulong endPfn)
    {
        ulong bytes = PageSize.PfnUp(PageBitmap.Bytes(endPfn)) << PageSize.Shift;
        ulong address = reservations->Find(0, endPfn << PageSize.Shift, bytes, PageSize.Bytes);
        if (address == PhysicalAddress.None)
        {
            log->Panic("Cannot find bootmem map of size %d", bytes);
            return;
        }

        reservations->Reserve(address, address + bytes, MapName);
        Init(log, physical, PageSize.PfnDown(address), 0, endPfn);
        active->RegisterFromMap(map, 0, endPfn);
        FreeActive(active, endPfn);
    }

    /// <summary>
    /// Frees the active ranges below <paramref name="endPfn"/>, cut there. BUG if one is free already or outside the node.
    /// O(ranges + pages/32).
    /// </summary>
    public void FreeActive(ActiveRanges* active, ulong endPfn)
    {
        for (int i = 0; i < active->Count; i++)
        {
            active->Get(i, out ulong start, out ulong end);
            end = end < endPfn ? end : endPfn;
            if (start < end)
            {
                FreePages(start, end);
            }
        }
    }

    /// <summary>
    /// Takes the early reservations over and ends their table: each, in table order, is cut to [<paramref name="start"/>,
    /// <paramref name="end"/>) bytes, and every page it touches is reserved, twice silently. A moved table's own memory is not
    /// taken over: it is free from here on. One line each. O(reservations + pages/32). (2.6.34 early_res_to_bootmem)
    /// </summary>
    public void TakeOver(EarlyReservations* reservations, ulong start, ulong end)
    {
        byte* name = stackalloc byte[EarlyReservations.NameBufferBytes];
        int first = reservations->TableMoved ? 1 : 0;
        _log->Print(
            "(%d/%d early reservations) ==> bootmem [%010x - %010x]\n",
            (ulong)(reservations->Count - first),
            (ulong)reservations->Capacity,
            start,
            end);
        for (int i = first; i < reservations->Count; i++)
        {
            reservations->Get(i, out ulong from, out ulong to);
            reservations->CopyName(i, name);
            _log->Print("  #%d [%010x - %010x] ", (ulong)i, from, to);
            _log->Bytes(name, 16);
            from = from > start ? from : start;
            to = to < end ? to : end;
            if (from >= to)
            {
                _log->Print("\n");
                continue;
            }

            _log->Print(" ==> [%010x - %010x]\n", from, to);
            Reserve(from, to - from, exclusive: false);
            _dmaReservedPages += to <= DmaEnd ? (to - from) >> PageSize.Shift : 0;
        }

        reservations->Close();
    }
}
