using System;
using System.Collections.Generic;
using CosmosBootAlloc.Tool.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>One zone of a machine of its own, its table well away from its pages.</summary>
internal sealed unsafe class ZoneUnderTest : IDisposable
{
    private const ulong TableAddress = (1UL << 40) - (1UL << 32);

    private readonly HostMachine _machine = new();

    internal ZoneUnderTest(uint startPfn, uint endPfn)
    {
        Reinit(startPfn, endPfn);
    }

    internal Buddy* Zone => &_machine.Memory->Pages.Normal;

    internal byte* Page(uint pfn) => _machine.Memory->Physical.At((ulong)pfn << PageSize.Shift);

    internal PageFrame* Frame(uint pfn) => (PageFrame*)_machine.Memory->Physical.At(TableAddress) + (pfn - Zone->StartPfn);

    internal void Reinit(uint startPfn, uint endPfn)
    {
        PageFrame* table = (PageFrame*)_machine.Memory->Physical.At(TableAddress);
        Zone->Init(&_machine.Memory->Log, table, startPfn, startPfn, endPfn);
    }

    internal string Lists()
    {
        List<string> rows = [];
        for (uint order = 0; order < Buddy.Orders; order++)
        {
            if (Zone->FirstFree(order) != Buddy.None)
            {
                string row = $"{order}:";
                for (uint pfn = Zone->FirstFree(order); pfn != Buddy.None; pfn = Zone->NextFree(pfn))
                {
                    row += $" {pfn:x}";
                }

                rows.Add(row);
            }
        }

        return string.Join("; ", rows);
    }

    internal void AssertSound() => Assert.Equal(Buddy.None, Zone->FindFault());

    internal string Refused(Action<ZoneUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => _machine.Dispose();
}
