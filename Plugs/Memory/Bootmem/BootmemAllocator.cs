using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Bootmem;

/// <summary>
/// The boot-time page allocator of the Bootmem variant (2.6.34 with CONFIG_NO_BOOTMEM=n): one bit per page for the whole of one
/// node [start, end), between the early reservations and the buddy.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/> with everything reserved; the RAM of the memory map is freed; the early reservations are taken over
/// (BootmemAllocator.EarlyRes.cs); boot allocations (BootmemAllocator.Allocate.cs); <see cref="HandOver"/> gives what is left, and the
/// bitmap's own pages, to the buddy. After that only <see cref="HandOverLate"/> may be called.
/// <para>
/// Vocabulary: an index is a pfn relative to the node's start. The hint is the index where the next search starts; it is the page
/// after the last allocation, and freeing below it lowers it. The tail is what the last allocation left of its last page;
/// small allocations share pages that way.
/// </para>
/// Addresses and sizes are bytes, ranges half-open. A range outside the node, or a page freed twice, is a BUG with the values.
/// Costs are those of <see cref="PageBitmap"/>; where they are given as O(pages/32), long stretches that are alike cost a word a group.
/// </remarks>
public unsafe partial struct BootmemAllocator
{
    private const ulong Highest = 0xffffffffffffffff;

    private KernelLog* _log;
    private PhysicalMemory* _physical;
    private ulong _startPfn;
    private ulong _endPfn;
    private ulong _mapPfn;
    private ulong _lastEnd;
    private uint _hint;
    private ulong _tail;
    private ulong _tailEnd;
    private uint _allocations;
    private bool _raw;
    private ulong _dmaReservedPages;
    private PageBitmap _bitmap;

    /// <summary>Bytes of bitmap for a node of <paramref name="pages"/> pages, in whole 64-bit words.</summary>
    public static ulong BitmapBytes(ulong pages)
    {
        return PageBitmap.Bytes(pages);
    }

    /// <summary>Sets up the node with every page reserved. O(groups).</summary>
    /// <param name="log">Where lines, panics and broken contracts go.</param>
    /// <param name="physical">The way to the bitmap and to the memory handed out.</param>
    /// <param name="mapPfn">Where the bitmap lies; <see cref="BitmapBytes"/>, rounded up to pages, must be the caller's to give.</param>
    /// <param name="startPfn">First page of the node.</param>
    /// <param name="endPfn">End of the node (exclusive), at most <see cref="PageBitmap.MaxPages"/> above the start.</param>
    public void Init(KernelLog* log, PhysicalMemory* physical, ulong mapPfn, ulong startPfn, ulong endPfn)
    {
        _log = log;
        _physical = physical;
        if (startPfn > endPfn || endPfn - startPfn > PageBitmap.MaxPages)
        {
            log->Bug("bootmem node %x-%x: needs start <= end and at most %x pages", startPfn, endPfn, PageBitmap.MaxPages);
            return;
        }

        _startPfn = startPfn;
        _endPfn = endPfn;
        _mapPfn = mapPfn;
        _lastEnd = 0;
        _hint = 0;
        _tailEnd = 0;
        _allocations = 0;
        _raw = false;
        _dmaReservedPages = 0;
        _bitmap.Init((uint*)physical->At(mapPfn << PageSize.Shift), (uint)(endPfn - startPfn));
    }

    /// <summary>First page of the node.</summary>
    public ulong StartPfn => _startPfn;

    /// <summary>End of the node, exclusive.</summary>
    public ulong EndPfn => _endPfn;

    /// <summary>Where the bitmap lies.</summary>
    public ulong MapPfn => _mapPfn;

    /// <summary>Whole pages that the bitmap takes.</summary>
    public ulong MapPages => PageSize.PfnUp(PageBitmap.Bytes(_endPfn - _startPfn));

    /// <summary>Where the next search starts: pages above the node's start.</summary>
    public uint Hint => _hint;

    /// <summary>Where the last allocation ended: bytes above the node's start.</summary>
    public ulong LastEndOffset => _lastEnd;

    /// <summary>Allocations made.</summary>
    public uint Allocations => _allocations;

    /// <summary>
    /// Whole pages' worth of bytes of each early reservation taken over that ends at or below 16 MiB, added up: what the line
    /// <c>DMA zone: N pages reserved</c> counts. (2.6.34 reserve_bootmem_generic on x86-64)
    /// </summary>
    public ulong DmaReservedPages => _dmaReservedPages;

    /// <summary>
    /// Frees the whole pages of [<paramref name="address"/>, + <paramref name="size"/>) bytes; a page only partly in the range stays
    /// reserved. Less than a page, and a size of 0, frees nothing but still lowers the hint. BUG if a page is free already, or
    /// if the first one (of an empty range too) or the last lies outside the node. O(pages/32).
    /// </summary>
    public void Free(ulong address, ulong size)
    {
        FreePages(PageSize.PfnUp(address), PageSize.PfnDown(EndOf(address, size)));
    }

    /// <summary>As <see cref="Free"/>, by whole pages [<paramref name="startPfn"/>, <paramref name="endPfn"/>).</summary>
    public void FreePages(ulong startPfn, ulong endPfn)
    {
        if (startPfn < _startPfn || startPfn >= _endPfn || endPfn > _endPfn)
        {
            _log->Bug("bootmem free of %x-%x outside the node %x-%x", startPfn, endPfn, _startPfn, _endPfn);
            return;
        }

        uint from = (uint)(startPfn - _startPfn);
        _tailEnd = 0;
        LowerHint(from);
        if (startPfn >= endPfn)
        {
            return;
        }

        uint end = (uint)(endPfn - _startPfn);
        uint free = _bitmap.NextFree(from, end);
        if (free != end)
        {
            _log->Bug("bootmem free of %x-%x: page %x is free already", startPfn, endPfn, _startPfn + free);
            return;
        }

        _bitmap.Free(from, end);
    }

    /// <summary>
    /// Reserves every page that [<paramref name="address"/>, + <paramref name="size"/>) bytes touches. O(pages/32). BUG if one lies outside
    /// the node.
    /// </summary>
    /// <param name="address">Start in bytes.</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="exclusive">Fail if one of the pages is reserved already. Then nothing is changed but the hint, which goes down to
    /// the first page as after a free (2.6.34 undoes what it had reserved by freeing it).</param>
    /// <returns>False when the reservation was exclusive and failed (Linux: -EBUSY, -16).</returns>
    public bool Reserve(ulong address, ulong size, bool exclusive)
    {
        ulong startPfn = PageSize.PfnDown(address);
        ulong endPfn = PageSize.PfnUp(EndOf(address, size));
        ulong insideEndPfn = endPfn < _endPfn ? endPfn : _endPfn;
        if (startPfn < _startPfn || startPfn >= _endPfn)
        {
            _log->Bug("bootmem reservation of %x-%x outside the node %x-%x", startPfn, endPfn, _startPfn, _endPfn);
            return false;
        }

        _tailEnd = 0;
        uint from = (uint)(startPfn - _startPfn);
        uint end = (uint)(insideEndPfn - _startPfn);
        if (exclusive && from < end && _bitmap.NextReserved(from, end) != end)
        {
            LowerHint(from);
            return false;
        }

        _bitmap.Reserve(from, end);
        if (insideEndPfn != endPfn)
        {
            _log->Bug("bootmem reservation of %x-%x past the end of the node %x-%x", startPfn, endPfn, _startPfn, _endPfn);
        }

        return true;
    }

    /// <summary>
    /// The next run of free pages at or after a pfn. O(pages/32) over a whole walk.
    /// </summary>
    /// <param name="pfn">Where to start: the node's start, or the last run's end.</param>
    /// <param name="startPfn">First page of the run.</param>
    /// <param name="endPfn">Its end (exclusive).</param>
    /// <returns>False when there is none.</returns>
    public bool NextFreeRun(ulong pfn, out ulong startPfn, out ulong endPfn)
    {
        uint pages = _bitmap.Pages;
        uint from = _bitmap.NextFree((uint)(pfn - _startPfn), pages);
        uint end = _bitmap.NextReserved(from, pages);
        startPfn = _startPfn + from;
        endPfn = _startPfn + end;
        return from < pages;
    }

    /// <summary>End of a byte range, at most 2^64-1.</summary>
    private static ulong EndOf(ulong address, ulong size)
    {
        return size <= Highest - address ? address + size : Highest;
    }

    private void LowerHint(uint index)
    {
        if (_hint > index)
        {
            _hint = index;
        }
    }
}
