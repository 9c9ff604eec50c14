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

    /// <summary>The blocks of a hand-over.</summary>
    internal List<BlockRun> HandOver(ulong maxLowPfn = ulong.MaxValue) => CollectedRuns.Of(runs => Lmb->HandOver(maxLowPfn, runs));

    internal string Panic(Action<LmbUnderTest> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => _machine.Dispose();

    private static string Text(LmbRegion* region) => $"{region->Base:x}-{region->End:x}";
}
