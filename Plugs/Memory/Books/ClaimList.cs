using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The books: which range was claimed under which name, in the order of boot. Every stage may forget names (a bitmap has none); the
/// ledger does not, so the log of each variant can say who has the pages that are not free.
/// </summary>
/// <remarks>
/// A page belongs to the first claim that touches it, whole or in part; a later claim on it adds nothing. That is also how
/// two owners of one page are kept from giving it away (regression 5 of 2.6.34).
/// </remarks>
public unsafe struct ClaimList
{
    /// <summary>Most claims.</summary>
    public const int Capacity = 96;

    /// <summary>Returned by <see cref="OwnerOf"/> when nobody claims a page.</summary>
    public const int Nobody = -1;

    private fixed ulong _claims[Capacity * NamedRange.Words];
    private KernelLog* _log;
    private fixed bool _overlapOk[Capacity];

    /// <summary>Claims so far.</summary>
    public int Count;

    /// <summary>Empties the books.</summary>
    public void Init(KernelLog* log)
    {
        _log = log;
        Count = 0;
    }

    /// <summary>Writes down a claim on [<paramref name="start"/>, <paramref name="end"/>), bytes; an empty one is left out.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="end">First byte after the range.</param>
    /// <param name="name">The owner.</param>
    /// <param name="overlapOk">The range is told by firmware, which may well overlap other claims.</param>
    public void Claim(ulong start, ulong end, string name, bool overlapOk)
    {
        if (start >= end)
        {
            return;
        }

        if (Count == Capacity)
        {
            _log->Bug("more than %d claims on memory: the books are full at [%x - %x)", Capacity, start, end);
            return;
        }

        Get(Count)->Set(start, end, name);
        _overlapOk[Count] = overlapOk;
        Count++;
    }

    /// <summary>A claim; the struct must not move while the pointer is used.</summary>
    public NamedRange* Get(int index)
    {
        fixed (ulong* words = _claims)
        {
            return (NamedRange*)words + index;
        }
    }

    /// <summary>True when the claim may overlap others.</summary>
    public bool OverlapOk(int index) => _overlapOk[index];

    /// <summary>Strikes a claim out: its pages count as nobody's, or as the next claim's that touches them.</summary>
    public void Strike(int index)
    {
        Get(index)->Start = 0;
        Get(index)->End = 0;
    }

    /// <summary>
    /// Who has a page, and how far the answer holds. O(claims).
    /// </summary>
    /// <param name="pfn">The page.</param>
    /// <param name="untilPfn">Pages [<paramref name="pfn"/>, untilPfn) have the same owner (more may follow); at most
    /// <paramref name="limitPfn"/>.</param>
    /// <param name="limitPfn">End of the interest, above <paramref name="pfn"/>.</param>
    /// <returns>Index of the owning claim, or <see cref="Nobody"/>.</returns>
    public int OwnerOf(uint pfn, uint limitPfn, out uint untilPfn)
    {
        untilPfn = limitPfn;
        for (int i = 0; i < Count; i++)
        {
            NamedRange* claim = Get(i);
            if (claim->Start >= claim->End)
            {
                continue;
            }

            ulong first = PageSize.PfnDown(claim->Start);
            ulong last = PageSize.PfnUp(claim->End);
            if (pfn < first)
            {
                // An earlier claim that starts further up ends the run there.
                untilPfn = first < untilPfn ? (uint)first : untilPfn;
            }
            else if (pfn < last)
            {
                untilPfn = last < untilPfn ? (uint)last : untilPfn;
                return i;
            }
        }

        return Nobody;
    }
}
