using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.HandOver;

/// <summary>
/// The path from a boot allocator to the page allocator: runs of blocks, passed one at a time to a receiver. In a kernel the receiver is
/// the page allocator; a trace's receiver also records the run.
/// </summary>
/// <remarks>
/// Linux hands over single pages and blocks of 64, thousands of them. A run is the same in one call: COUNT adjacent blocks of 2^order
/// pages, ascending. A receiver may take the run in larger blocks: the pages merge into the same blocks, and since a block enters its list
/// when its last page arrives, the lists end up in the same order too. Consecutive runs are joined, so every run is as long as possible.
/// </remarks>
public unsafe struct PageRuns
{
    /// <summary>Order of the blocks that Linux hands over in bulk: the bits of a 64-bit word.</summary>
    public const uint BulkOrder = 6;

    /// <summary>Pages of such a block.</summary>
    public const ulong BulkPages = 1UL << (int)BulkOrder;

    private void* _context;
    private delegate*<void*, ulong, uint, ulong, void> _receiver;
    private ulong _startPfn;
    private ulong _count;
    private ulong _pages;
    private uint _order;
    private bool _joined;

    /// <summary>Starts an empty hand-over.</summary>
    /// <param name="context">Passed to the receiver unchanged.</param>
    /// <param name="receiver">Gets context, first pfn, order, number of blocks (at least 1). Null only counts the pages.</param>
    public void Init(void* context, delegate*<void*, ulong, uint, ulong, void> receiver)
    {
        _context = context;
        _receiver = receiver;
        _count = 0;
        _pages = 0;
        _joined = false;
    }

    /// <summary>
    /// As <see cref="Init"/>, for a receiver that makes blocks of its own: whatever touches is one run, of order 0. The page allocator's
    /// lists end up the same, for what it makes of a range has no buddies in what it would make of its parts.
    /// </summary>
    public void InitJoined(void* context, delegate*<void*, ulong, uint, ulong, void> receiver)
    {
        Init(context, receiver);
        _joined = true;
    }

    /// <summary>Pages added so far.</summary>
    public ulong Pages => _pages;

    /// <summary>
    /// Adds <paramref name="count"/> blocks of 2^<paramref name="order"/> pages from <paramref name="pfn"/>; 0 does nothing. O(1).
    /// </summary>
    public void Add(ulong pfn, uint order, ulong count)
    {
        if (count == 0)
        {
            return;
        }

        if (_joined)
        {
            Join(pfn, count << (int)order);
            return;
        }

        _pages += count << (int)order;
        if (_count != 0 && order == _order && pfn == _startPfn + (_count << (int)_order))
        {
            _count += count;
            return;
        }

        Flush();
        _startPfn = pfn;
        _order = order;
        _count = count;
    }

    /// <summary>
    /// Adds [<paramref name="startPfn"/>, <paramref name="endPfn"/>) split as Linux's boot allocators do: single pages up to a multiple of
    /// 64, blocks of 64, single pages. O(1).
    /// </summary>
    public void AddRange(ulong startPfn, ulong endPfn)
    {
        if (startPfn >= endPfn)
        {
            return;
        }

        if (_joined)
        {
            Join(startPfn, endPfn - startPfn);
            return;
        }

        ulong blocks = Bits.RoundUp(startPfn, BulkPages);
        ulong blocksEnd = Bits.RoundDown(endPfn, BulkPages);
        if (blocks >= blocksEnd)
        {
            Add(startPfn, 0, endPfn - startPfn);
            return;
        }

        Add(startPfn, 0, blocks - startPfn);
        Add(blocks, BulkOrder, (blocksEnd - blocks) >> (int)BulkOrder);
        Add(blocksEnd, 0, endPfn - blocksEnd);
    }

    /// <summary>
    /// Adds [<paramref name="startPfn"/>, <paramref name="endPfn"/>), at most up to 2^52, in the fewest blocks: ascending, they grow to the
    /// largest size, stay there, and shrink at the end. Not flushed. O(orders): the largest blocks are a single run. memblock 6.12's
    /// hand-over.
    /// </summary>
    public void AddAligned(ulong startPfn, ulong endPfn)
    {
        if (startPfn >= endPfn)
        {
            return;
        }

        ulong pages = endPfn - startPfn;
        if (_joined)
        {
            Join(startPfn, pages);
            return;
        }

        while (pages > PageBlock.MaxPages)
        {
            uint order = PageBlock.LargestOrder((uint)startPfn, PageBlock.MaxPages);
            ulong blocks = order == PageBlock.MaxOrder ? pages >> (int)PageBlock.MaxOrder : 1;
            Add(startPfn, order, blocks);
            startPfn += blocks << (int)order;
            pages -= blocks << (int)order;
        }

        for (uint left = (uint)pages; left != 0;)
        {
            uint order = PageBlock.LargestOrder((uint)startPfn, left);
            Add(startPfn, order, 1);
            startPfn += 1u << (int)order;
            left -= 1u << (int)order;
        }
    }

    private void Join(ulong pfn, ulong pages)
    {
        _pages += pages;
        if (_count == 0 || pfn != _startPfn + _count)
        {
            Flush();
            _startPfn = pfn;
            _order = 0;
        }

        _count += pages;
    }

    /// <summary>Passes on the run still held back. Call once, at the end.</summary>
    public void Flush()
    {
        if (_count != 0 && _receiver != null)
        {
            _receiver(_context, _startPfn, _order, _count);
        }

        _count = 0;
    }
}
