using System.Collections.Generic;

namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>Handing over the straightforward way: every page is looked up, blocks are told one by one.</summary>
internal static class LinearHandOver
{
    /// <summary>Which pages of [0, pages) lie in no reservation: each page asks every reservation.</summary>
    internal static void MarkFree(bool[] free, List<(ulong Start, ulong End)> reserved)
    {
        for (int page = 0; page < free.Length; page++)
        {
            ulong start = (ulong)page * Bench.Page;
            free[page] = true;
            foreach ((ulong low, ulong high) in reserved)
            {
                if (low < start + Bench.Page && start < high)
                {
                    free[page] = false;
                    break;
                }
            }
        }
    }

    /// <summary>Largest aligned blocks up to order 10, found page by page; returns the pages.</summary>
    internal static unsafe ulong GiveAligned(bool[] free, ulong* calls)
    {
        ulong pages = 0;
        int pfn = 0;
        while (pfn < free.Length)
        {
            if (!free[pfn])
            {
                pfn++;
                continue;
            }

            int end = pfn;
            while (end < free.Length && free[end])
            {
                end++;
            }

            while (pfn < end)
            {
                int order = 10;
                while (pfn % (1 << order) != 0 || pfn + (1 << order) > end)
                {
                    order--;
                }

                Bench.Count(calls, (ulong)pfn, (uint)order, 1);
                pfn += 1 << order;
                pages += 1UL << order;
            }
        }

        return pages;
    }

    /// <summary>Blocks of 64 where a word of 64 pages is free as a whole, single pages elsewhere; returns the pages.</summary>
    internal static unsafe ulong GiveByWords(bool[] free, ulong* calls)
    {
        ulong pages = 0;
        for (int word = 0; word < free.Length; word += 64)
        {
            bool whole = word + 64 < free.Length;
            for (int i = word; whole && i < word + 64; i++)
            {
                whole = free[i];
            }

            if (whole)
            {
                Bench.Count(calls, (ulong)word, 6, 1);
                pages += 64;
                continue;
            }

            for (int i = word; i < word + 64 && i < free.Length; i++)
            {
                if (free[i])
                {
                    Bench.Count(calls, (ulong)i, 0, 1);
                    pages++;
                }
            }
        }

        return pages;
    }
}
