using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Stages;

/// <summary>What holds after every boot: books and page allocator agree, and each free page can be had exactly once.</summary>
internal static unsafe partial class BookAssertions
{
    internal static void AreRight(Simulation simulation)
    {
        PageAllocator* pages = &simulation.Memory->Pages;
        Assert.True(simulation.Healthy, string.Join('\n', simulation.Log));
        Assert.Equal(PageAllocator.None, pages->FindFault());
        Assert.Equal(PageAllocator.None, PageAccounts.FindFault(&simulation.Boot->Books, pages));
        Assert.Contains(
            simulation.Log,
            line
                => line.StartsWith("bootalloc: accounted ", StringComparison.Ordinal) && line.Contains(
                    " missing_pages=0 ",
                    StringComparison.Ordinal));
        AssertTheLineMemoryIsTheBooks(simulation);
        AssertAllocatorGivesEachPageOnceAndTakesAllBack(simulation);
    }

    // Page 0 and the ISA hole are absent, not reserved, where the map calls them RAM; in the books they are somebody's.
    private static void AssertTheLineMemoryIsTheBooks(Simulation simulation)
    {
        ulong trimmed = 0;
        for (int i = 0; i < simulation.Boot->Books.Ram.Count; i++)
        {
            for (uint pfn = simulation.Boot->Books.Ram.FirstPfn(i); pfn < simulation.Boot->Books.Ram.LastPfn(i) && pfn < 0x100; pfn++)
            {
                trimmed += pfn is 0 or >= 0xa0 ? 1UL : 0;
            }
        }

        ulong[] line = Numbers(simulation, "Memory: ");
        ulong[] books = Numbers(simulation, "bootalloc: accounted ");
        (ulong available, ulong total, ulong absent, ulong reserved) = (line[0], line[1], line[3], line[4]);
        Assert.Equal(total, available + absent + reserved);
        Assert.Equal((ulong)simulation.Boot->EndPfn * 4, total);
        Assert.Equal(books[1] * 4, available);
        Assert.Equal((books[2] - trimmed) * 4, reserved);
    }

    private static ulong[] Numbers(Simulation simulation, string start)
        => [.. Digits().Matches(Assert.Single(simulation.Log, l => l.StartsWith(start, StringComparison.Ordinal)))
            .Select(m => ulong.Parse(m.ValueSpan, CultureInfo.InvariantCulture))];

    // Every page that the zones say is free can be had, once, and lies in usable RAM that nobody claims; freed again, the zone is as
    // before.
    private static void AssertAllocatorGivesEachPageOnceAndTakesAllBack(Simulation simulation)
    {
        PageAllocator* pages = &simulation.Memory->Pages;
        uint before = pages->FreePageCount;
        uint blocks = pages->FreeBlockCount;
        List<(uint Pfn, uint Order)> held = [];
        uint taken = 0;
        for (uint order = Zone.Orders; order-- > 0;)
        {
            for (uint pfn = pages->AllocatePages(order); pfn != PageAllocator.None; pfn = pages->AllocatePages(order))
            {
                held.Add((pfn, order));
                taken += 1u << (int)order;
            }
        }

        Assert.Equal(before, taken);
        Assert.Equal(0u, pages->FreePageCount);
        held.Sort();
        for (int i = 0; i < held.Count; i++)
        {
            uint end = held[i].Pfn + (1u << (int)held[i].Order);
            Assert.True(i + 1 == held.Count || end <= held[i + 1].Pfn, $"page {held[i].Pfn:x} was given twice");
            Assert.Equal(ClaimList.Nobody, simulation.Boot->Books.Claims.OwnerOf(held[i].Pfn, end, out uint until));
            Assert.Equal(end, until);
        }

        foreach ((uint pfn, uint order) in held)
        {
            pages->FreePages(pfn, order);
        }

        Assert.Equal(before, pages->FreePageCount);
        Assert.Equal(blocks, pages->FreeBlockCount);
    }

    [GeneratedRegex(@"\b\d+")]
    private static partial Regex Digits();
}
