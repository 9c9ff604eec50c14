using System;
using System.Collections.Generic;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>The memory map.</summary>
public unsafe class E820Benchmarks
{
    private const int Entries = E820Table.FirmwareCapacity;

    private readonly List<(ulong Start, ulong End, uint Type)> _entries = [];
    private HostMachine _machine = null!;
    private E820Table* _source;
    private E820Table* _work;

    /// <summary>Makes 128 entries that overlap at random, and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _machine = Bench.QuietMachine();
        _machine.Memory->Map.Init(&_machine.Memory->Log);
        _machine.Memory->Map.Table.Init(Entries);
        _source = &_machine.Memory->Map.Firmware;
        _work = &_machine.Memory->Map.Table;
        Random random = new(1);
        for (int i = 0; i < Entries; i++)
        {
            ulong start = (ulong)random.Next(1, 1 << 20) << 12;
            ulong size = (ulong)random.Next(1, 1 << 16) << 12;
            uint type = (uint)random.Next(1, 6);
            _entries.Add((start, start + size, type));
            _source->Append(start, size, type);
        }

        // The table holds 128 entries; of more, sanitizing keeps the first.
        Bench.Same(Math.Min(SanitiseLinear(), Entries), Sanitise(), "sanitise");
    }

    /// <summary>Frees the machine.</summary>
    [GlobalCleanup]
    public void CleanUp() => _machine.Dispose();

    /// <summary>128 entries that overlap at random, to a sorted map without overlaps.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("e820 sanitise, 128 overlapping")]
    public int SanitiseLinear() => LinearMap.Sanitise(_entries).Count;

    /// <inheritdoc cref="SanitiseLinear"/>
    [Benchmark]
    [Linux(154_000)]
    [BenchmarkCategory("e820 sanitise, 128 overlapping")]
    public int Sanitise()
    {
        _work->CopyFrom(ref *_source);
        _work->Sanitize();
        return _work->Count;
    }
}
