using System;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>Early reservations.</summary>
public unsafe class EarlyResBenchmarks
{
    private const int Many = 1024;
    private const ulong RamStart = 0x100000;
    private const ulong RamEnd = 0x100000000;
    private const ulong First = 0x10000000;

    private readonly LinearReservations _linear = new(2 * Many);
    private readonly LinearReservations _linearFull = new(2 * Many);
    private readonly uint[] _shuffled = Bench.Shuffled(Many);
    private readonly uint[] _ascending = Bench.Shuffled(Many);
    private HostMachine _machine = null!;
    private HostMachine _fullMachine = null!;
    private EarlyReservations* _reservations;
    private EarlyReservations* _full;

    /// <summary>Makes the machines and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _machine = Bench.QuietMachine();
        _fullMachine = Bench.QuietMachine();
        _reservations = Init(_machine);
        _full = Init(_fullMachine);

        // The moved table takes RAM below the first reservation; the searches start above it.
        foreach (uint i in _shuffled)
        {
            ulong start = First + (i * 0x2000);
            _full->Reserve(start, start + 0x1000, "R");
            _linearFull.Reserve(start, start + 0x1000);
        }

        Array.Sort(_ascending);
        Bench.Same(ReserveAscendingLinear(), ReserveAscending(), "reserve ascending");
        Bench.Same(ReserveRandomLinear(), ReserveRandom(), "reserve at random");
        Bench.Same(FindLinear(), Find(), "find");
        Bench.Same(FindAndReserveLinear(), FindAndReserve(), "find and reserve");
    }

    /// <summary>Frees the machines.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _machine.Dispose();
        _fullMachine.Dispose();
    }

    /// <summary>1,024 calls of reserve_early that keep apart, lowest first, from an empty table; its six moves are part of it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 1,024 ascending")]
    public int ReserveAscendingLinear() => ReserveLinear(_ascending);

    /// <inheritdoc cref="ReserveAscendingLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(515)]
    [BenchmarkCategory("reserve_early, 1,024 ascending")]
    public int ReserveAscending() => Reserve(_ascending);

    /// <summary>The same in random order.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 1,024 in random order")]
    public int ReserveRandomLinear() => ReserveLinear(_shuffled);

    /// <inheritdoc cref="ReserveRandomLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(2431)]
    [BenchmarkCategory("reserve_early, 1,024 in random order")]
    public int ReserveRandom() => Reserve(_shuffled);

    /// <summary>Room for 8 KiB past 1,024 reservations whose gaps have 4 KiB. The same search again and again.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("find_e820_area past 1,024")]
    public ulong FindLinear() => _linearFull.Find(First, RamEnd, 0x2000, 0x1000);

    /// <inheritdoc cref="FindLinear"/>
    [Benchmark]
    [Linux(303_000)]
    [BenchmarkCategory("find_e820_area past 1,024")]
    public ulong Find() => _full->Find(First, RamEnd, 0x2000, 0x1000);

    /// <summary>1,024 times from an empty table: find a page, reserve it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("find and reserve, 1,024 times")]
    public ulong FindAndReserveLinear()
    {
        _linear.Clear();
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            ulong address = _linear.Find(First, RamEnd, 0x1000, 0x1000);
            _linear.Reserve(address, address + 0x1000);
            sum += address;
        }

        return sum;
    }

    /// <inheritdoc cref="FindAndReserveLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(103_500)]
    [BenchmarkCategory("find and reserve, 1,024 times")]
    public ulong FindAndReserve()
    {
        EarlyReservations* reservations = Init(_machine);
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            ulong address = reservations->Find(First, RamEnd, 0x1000, 0x1000);
            reservations->Reserve(address, address + 0x1000, "R");
            sum += address;
        }

        return sum;
    }

    private int ReserveLinear(uint[] order)
    {
        _linear.Clear();
        foreach (uint i in order)
        {
            ulong start = First + (i * 0x2000);
            _linear.Reserve(start, start + 0x1000);
        }

        return _linear.Count;
    }

    private int Reserve(uint[] order)
    {
        EarlyReservations* reservations = Init(_machine);
        foreach (uint i in order)
        {
            ulong start = First + (i * 0x2000);
            reservations->Reserve(start, start + 0x1000, "R");
        }

        // The moved table is a reservation of its own.
        return reservations->Count - 1;
    }

    /// <summary>An empty table over one piece of RAM.</summary>
    private static EarlyReservations* Init(HostMachine machine)
    {
        MachineMemory* memory = machine.Memory;
        memory->Map.Init(&memory->Log);
        memory->Map.Add(RamStart, RamEnd - RamStart, E820Type.Ram);
        memory->EarlyRes.Init(&memory->Log, memory->Physical, &memory->Map);
        memory->EarlyRes.SetMappedEnd(RamEnd >> PageSize.Shift);
        return &memory->EarlyRes;
    }
}
