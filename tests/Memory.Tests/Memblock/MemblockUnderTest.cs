using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Memblock;

/// <summary>memblock on a machine of its own, with its lists as text: <c>1000-3000 5000-6000/4</c> is [0x1000, 0x3000)
/// without flags and [0x5000, 0x6000) with flags 4.</summary>
internal sealed unsafe class MemblockUnderTest : IDisposable
{
    private readonly HostMachine _machine = new();

    internal MemblockUnderTest(ulong reachEnd = 1UL << 40)
    {
        Blocks->Init(&_machine.Memory->Log, &_machine.Memory->Physical, reachEnd);
    }

    internal MemblockAllocator* Blocks => &_machine.Memory->Memblock;

    internal List<string> Log => _machine.Log;

    internal byte* Byte(ulong address) => _machine.Memory->Physical.At(address);

    internal string Memory
    {
        get
        {
            List<string> regions = [];
            for (uint i = 0; i < Blocks->MemoryCount; i++)
            {
                regions.Add(Text(Blocks->MemoryRegion(i)));
            }

            return string.Join(' ', regions);
        }
    }

    internal string Reserved
    {
        get
        {
            List<string> regions = [];
            for (uint i = 0; i < Blocks->ReservedCount; i++)
            {
                regions.Add(Text(Blocks->ReservedRegion(i)));
            }

            return string.Join(' ', regions);
        }
    }

    /// <summary>Free ranges ascending; the descending walk must give the same ones.</summary>
    internal string Free
    {
        get
        {
            List<string> up = [];
            MemblockCursor cursor = Blocks->FreeRanges();
            while (Blocks->Next(ref cursor))
            {
                up.Add($"{cursor.Start:x}-{cursor.End:x}");
            }

            List<string> down = [];
            cursor = Blocks->FreeRangesFromTop();
            while (Blocks->Previous(ref cursor))
            {
                down.Add($"{cursor.Start:x}-{cursor.End:x}");
            }

            down.Reverse();
            Assert.Equal(up, down);
            return string.Join(' ', up);
        }
    }

    /// <summary>Reserves <paramref name="count"/> pages, every second one from a pfn on: as many regions.</summary>
    internal void ReserveEverySecondPage(ulong firstPfn, uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            Assert.True(Blocks->Reserve((firstPfn + (2 * i)) << PageSize.Shift, PageSize.Bytes));
        }
    }

    /// <summary>The blocks of a hand-over.</summary>
    internal List<BlockRun> HandOver(ulong maxLowPfn = ulong.MaxValue) => CollectedRuns.Of(runs => Blocks->HandOver(maxLowPfn, runs));

    internal string Panic(Action<MemblockUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => _machine.Dispose();

    private static string Text(MemblockRegion* region)
    {
        return $"{region->Base:x}-{region->End:x}" + (region->Flags == 0 ? "" : $"/{region->Flags:x}");
    }
}
