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
    private int _last;

    /// <summary>Claims so far.</summary>
    public int Count;

    /// <summary>Empties the books.</summary>
    public void Init(KernelLog* log)
    {
        _log = log;
        Count = 0;
        _last = Nobody;
    }

    /// <summary>
    /// The claim that was made last and still holds, for a panic; null if there is none. Firmware's ranges that the boot only takes note of
    /// (page 0, the ISA hole) are passed over. The struct must not move while the pointer is used.
    /// </summary>
    public NamedRange* Last
    {
        get
        {
            for (int i = _last; i >= 0; i--)
            {
                if (Get(i)->Start < Get(i)->End)
                {
                    return Get(i);
                }
            }

            return null;
        }
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
        _last = Count;
        Count++;
    }

    /// <summary>Takes note of a range as <see cref="Claim"/> does; it is not the <see cref="Last"/> claim.</summary>
    public void Note(ulong start, ulong end, string name, bool overlapOk)
    {
        int last = _last;
        Claim(start, end, name, overlapOk);
        _last = last;
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
        ulong page = (ulong)pfn << PageSize.Shift;
        ulong until = (ulong)limitPfn << PageSize.Shift;
        int owner = Nobody;
        NamedRange* claim = Get(0);
        NamedRange* end = claim + Count;
        for (; claim < end; claim++)
        {
            ulong last = claim->End;
            if (last <= page || claim->Start >= last)
            {
                continue;
            }

            if (claim->Start < page + PageSize.Bytes)
            {
                until = last < until ? last : until;
                owner = (int)(claim - Get(0));
                break;
            }

            // An earlier claim that starts further up ends the run there.
            until = claim->Start < until ? claim->Start & ~PageSize.OffsetMask : until;
        }

        untilPfn = (uint)PageSize.PfnUp(until);
        return owner;
    }
}
