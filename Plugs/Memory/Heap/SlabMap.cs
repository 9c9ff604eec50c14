using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Which slab or large object of one heap a page belongs to: two levels, laid out as the CPU's own page tables are. A leaf is a page that
/// names the descriptor of each of the 1,024 pages of 4 MiB; there is one where the heap ever took a page.
/// </summary>
/// <remarks>
/// A page of a leaf that is not the heap's belongs to a descriptor without objects, so the hot paths need no test for it: no offset is
/// below its <see cref="Slab.Limit"/>. Nothing is read from the page allocator's table, whose frames may never have been written.
/// </remarks>
public unsafe struct SlabMap
{
    /// <summary>log2 of the bytes that a leaf is for: 4 MiB.</summary>
    public const int LeafShift = (2 * PageSize.Shift) - WordShift;

    /// <summary>The bits of a pfn that say which word of its leaf is the page's.</summary>
    public const uint PageMask = (1u << (LeafShift - PageSize.Shift)) - 1;

    private const int WordShift = 2;
    private const uint Leaves = 1u << (32 - LeafShift);

    /// <summary>Physical address of each leaf; 0 where there is none.</summary>
    internal fixed uint Leaf[(int)Leaves];

    private MemoryBase _base;
    private SlabPool* _pool;
    private uint _nobody;

    /// <summary>Starts without leaves, in memory that is zero.</summary>
    /// <param name="pool">Where leaves come from.</param>
    /// <param name="nobody">Physical address of a descriptor whose <see cref="Slab.Limit"/> is and stays 0.</param>
    internal void Init(SlabPool* pool, uint nobody)
    {
        _base = pool->Base;
        _pool = pool;
        _nobody = nobody;
    }

    /// <summary>The slab or large object that a physical address lies in, or null. O(1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Slab* At(uint address)
    {
        uint leaf = Leaf[address >> LeafShift];
        if (leaf == 0)
        {
            return null;
        }

        uint slab = ((uint*)(_base.Start + leaf))[(address >> PageSize.Shift) & PageMask];
        return slab == _nobody ? null : (Slab*)(_base.Start + slab);
    }

    /// <summary>Pages [<paramref name="pfn"/>, + <paramref name="pages"/>), at least one, were nobody's and are a slab's now.</summary>
    /// <returns>False when a leaf is needed and no page is free for it; then they are nobody's still.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Set(uint pfn, uint pages, Slab* slab)
    {
        uint last = LeafOf(pfn + pages - 1);
        for (uint i = LeafOf(pfn); i <= last; i++)
        {
            if (Leaf[i] == 0 && !AddLeaf(i))
            {
                return false;
            }
        }

        Write(pfn, pages, (uint)((byte*)slab - _base.Start));
        return true;
    }

    /// <summary>Pages of a slab are nobody's again. Their leaf stays.</summary>
    internal void Clear(uint pfn, uint pages) => Write(pfn, pages, _nobody);

    /// <summary>Gives the leaves back in which no page is the heap's. O(pages below <paramref name="endPfn"/>).</summary>
    internal void Trim(uint endPfn)
    {
        for (uint i = 0; i < Leaves && i <= LeafOf(endPfn - 1); i++)
        {
            if (Leaf[i] != 0 && Words.CountEqual(Word(Leaf[i], 0), PageMask + 1, _nobody) == PageMask + 1)
            {
                _pool->GivePage(Leaf[i]);
                Leaf[i] = 0;
            }
        }
    }

    /// <summary>Pages that are somebody's. O(pages of all leaves); for the self-test.</summary>
    internal uint CountPages()
    {
        uint pages = 0;
        for (uint i = 0; i < Leaves; i++)
        {
            for (uint page = 0; Leaf[i] != 0 && page <= PageMask; page++)
            {
                pages += *Word(Leaf[i], page) == _nobody ? 0u : 1u;
            }
        }

        return pages;
    }

    private bool AddLeaf(uint number)
    {
        uint leaf = _pool->TakePage();
        if (leaf == 0)
        {
            return false;
        }

        Words.Set(Word(leaf, 0), PageMask + 1, _nobody);
        Leaf[number] = leaf;
        return true;
    }

    // A leaf at a time; nearly always it is one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Write(uint pfn, uint pages, uint word)
    {
        do
        {
            uint here = PageMask + 1 - (pfn & PageMask);
            here = here < pages ? here : pages;
            uint* at = Word(Leaf[LeafOf(pfn)], pfn);
            uint* end = at + here;
            do
            {
                *at = word;
                at++;
            }
            while (at != end);

            pfn += here;
            pages -= here;
        }
        while (pages != 0);
    }

    /// <summary>The most leaves that a row of so many pages lies in.</summary>
    internal static uint MostLeaves(uint pages) => LeafOf(pages) + 2;

    private static uint LeafOf(uint pfn) => pfn >> (LeafShift - PageSize.Shift);

    private readonly uint* Word(uint leaf, uint pfn) => (uint*)(_base.Start + leaf) + (pfn & PageMask);
}
