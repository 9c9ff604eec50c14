using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Lmb;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Lmb;

/// <summary>lmb on a machine of its own, with its tables as text: <c>1000-3000 5000-6000</c>.</summary>
internal sealed unsafe class LmbUnderTest : IDisposable
{
    private readonly HostMachine _machine = new();

    internal LmbUnderTest()
    {
        Lmb->Init(&_machine.Memory->Log);
    }

    internal LmbAllocator* Lmb => &_machine.Memory->Lmb;

    internal string Memory
    {
        get
        {
            List<string> regions = [];
            for (uint i = 0; i < Lmb->MemoryCount; i++)
            {
                regions.Add(Text(Lmb->MemoryRegion(i)));
            }

            return string.Join(' ', regions);
        }
    }

    internal string Reserved
    {
        get
        {
            List<string> regions = [];
            for (uint i = 0; i < Lmb->ReservedCount; i++)
            {
                regions.Add(Text(Lmb->ReservedRegion(i)));
            }

            return string.Join(' ', regions);
        }
    }

    /// <summary>Adds memory. As 2.6.34, how many neighbors it was joined to, or -1.</summary>
    internal int Add(ulong start, ulong size) => Merges(Lmb->Merges, Lmb->Add(start, size));

    /// <summary>Removes memory. Result as <see cref="Add"/>.</summary>
    internal int Remove(ulong start, ulong size) => Merges(Lmb->Merges, Lmb->Remove(start, size));

    /// <summary>Reserves. Result as <see cref="Add"/>.</summary>
    internal int Reserve(ulong start, ulong size) => Merges(Lmb->Merges, Lmb->Reserve(start, size));

    /// <summary>Gives back. Result as <see cref="Add"/>.</summary>
    internal int Free(ulong start, ulong size) => Merges(Lmb->Merges, Lmb->Free(start, size));

    /// <summary>The blocks of a hand-over.</summary>
    internal List<BlockRun> HandOver(ulong maxLowPfn = ulong.MaxValue) => CollectedRuns.Of(runs => Lmb->HandOver(maxLowPfn, runs));

    internal string Panic(Action<LmbUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => _machine.Dispose();

    private int Merges(uint before, bool done) => done ? (int)(Lmb->Merges - before) : -1;

    private static string Text(LmbRegion* region) => $"{region->Base:x}-{region->End:x}";
}
