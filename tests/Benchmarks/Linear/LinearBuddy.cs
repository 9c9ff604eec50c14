using System.Collections.Generic;

namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>A buddy allocator the straightforward way: a list of free blocks for each order; the buddy of a block that is freed
/// is looked for by walking the list.</summary>
internal sealed class LinearBuddy
{
    private readonly List<uint>[] _lists = new List<uint>[11];

    internal LinearBuddy()
    {
        for (int order = 0; order < _lists.Length; order++)
        {
            _lists[order] = [];
        }
    }

    /// <summary>All pages of [0, pages) free, in the largest blocks.</summary>
    internal void Init(uint pages)
    {
        foreach (List<uint> list in _lists)
        {
            list.Clear();
        }

        for (uint pfn = 0; pfn < pages; pfn += 1024)
        {
            Free(pfn, 10);
        }
    }

    /// <summary>All pages of [0, pages) free, given one by one.</summary>
    internal void InitPageByPage(uint pages)
    {
        Init(0);
        for (uint pfn = 0; pfn < pages; pfn++)
        {
            Free(pfn, 0);
        }
    }

    /// <summary>First page of a block, or the highest number.</summary>
    internal uint Allocate(int order)
    {
        for (int found = order; found < _lists.Length; found++)
        {
            List<uint> list = _lists[found];
            if (list.Count == 0)
            {
                continue;
            }

            uint pfn = list[^1];
            list.RemoveAt(list.Count - 1);
            while (found > order)
            {
                found--;
                _lists[found].Add(pfn + (1u << found));
            }

            return pfn;
        }

        return uint.MaxValue;
    }

    internal void Free(uint pfn, int order)
    {
        while (order < 10)
        {
            int buddy = _lists[order].IndexOf(pfn ^ (1u << order));
            if (buddy < 0)
            {
                break;
            }

            _lists[order].RemoveAt(buddy);
            pfn &= ~(1u << order);
            order++;
        }

        _lists[order].Add(pfn);
    }
}
