using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>
/// One zone of a machine of its own, its table well away from its pages and, when it starts, full of an earlier kernel's frames: heads of
/// allocated and free blocks that look right, parts of fresh sections, and owners' words.
/// </summary>
internal sealed unsafe class ZoneUnderTest : IDisposable
{
    private const ulong TableAddress = (1UL << 40) - (1UL << 32);

    private readonly HostMachine _machine = new();

    internal ZoneUnderTest(uint startPfn, uint endPfn)
    {
        Reinit(startPfn, endPfn);
    }

    internal Zone* Pages => &_machine.Memory->Pages.Dma32;

    internal byte* Page(uint pfn) => _machine.Memory->Physical.At((ulong)pfn << PageSize.Shift);

    internal PageFrame* Frame(uint pfn) => (PageFrame*)_machine.Memory->Physical.At(TableAddress) + (pfn - FirstPfn(Pages->StartPfn));

    internal void Reinit(uint startPfn, uint endPfn)
    {
        PageFrame* table = (PageFrame*)_machine.Memory->Physical.At(TableAddress);
        for (uint i = 0; i < endPfn - FirstPfn(startPfn) && startPfn < endPfn; i++)
        {
            table[i].Forward = (i % 7) switch
            {
                0 or 3 => PageFrame.AllocatedTag | (i % Zone.Orders),
                1 => PageFrame.FreshReservedTag | (i % 1024),
                4 => PageFrame.SparseFreeTag | i,
                5 => 1 + (i % Zone.MaxOrder),
                _ => ((i % Zone.Orders) + 1) * PageFrame.TagStep | i,
            };
            table[i].Back = i;
        }

        StartAgain(startPfn, endPfn);
    }

    /// <summary>As new, on the table as it is.</summary>
    internal void StartAgain(uint startPfn, uint endPfn)
    {
        PageFrame* table = (PageFrame*)_machine.Memory->Physical.At(TableAddress);
        Pages->Init(&_machine.Memory->Log, table, FirstPfn(startPfn), startPfn, endPfn);
    }

    private static uint FirstPfn(uint startPfn) => startPfn & ~(PageBlock.MaxPages - 1);

    internal string Lists()
    {
        List<string> rows = [];
        for (uint order = 0; order < Zone.Orders; order++)
        {
            if (Pages->FirstFree(order) != Zone.None)
            {
                string row = $"{order}:";
                for (uint pfn = Pages->FirstFree(order); pfn != Zone.None; pfn = Pages->NextFree(pfn))
                {
                    row += $" {pfn:x}";
                }

                rows.Add(row);
            }
        }

        return string.Join("; ", rows);
    }

    internal void AssertSound() => Assert.Equal(Zone.None, Pages->FindFault());

    internal string Refused(Action<ZoneUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => _machine.Dispose();
}
