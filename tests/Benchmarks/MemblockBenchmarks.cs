using System.Collections.Generic;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Lmb;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>memblock and lmb.</summary>
public unsafe class MemblockBenchmarks
{
    private const int Many = 1024;
    private const int TableFull = 128;
    private const ulong First = 0x100000;

    /// <summary>A larger region, where a list that doubles finds room.</summary>
    private const ulong Room = 64 * Bench.MiB;

    private const int GiBPages = 1 << 18;

    private readonly LinearRegions _linear = new(2 * Many);
    private readonly uint[] _shuffled = Bench.Shuffled(Many);
    private readonly uint[] _few = Bench.Shuffled(TableFull);
    private readonly bool[] _free = new bool[GiBPages];
    private readonly List<(ulong, ulong)> _reserved = [(0, 0x1000), (0x9fc00, 0x300000), (0x3000000, 0x3200000), (0x3ff00000, 0x40000000)];
    private HostMachine _machine = null!;
    private HostMachine _fullMachine = null!;
    private MemblockAllocator* _memblock;
    private MemblockAllocator* _full;
    private LmbAllocator* _lmb;

    /// <summary>Makes the machines and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _machine = Bench.QuietMachine();
        _memblock = &_machine.Memory->Memblock;
        _lmb = &_machine.Memory->Lmb;
        _fullMachine = Bench.QuietMachine();
        _full = &_fullMachine.Memory->Memblock;
        Init(_full, _fullMachine);
        _full->Add(0, Bench.GiB);
        foreach ((ulong start, ulong end) in _reserved)
        {
            _full->Reserve(start, end - start);
        }

        Bench.Same(AddAscendingLinear(), AddAscending(), "add ascending");
        Bench.Same(AddShuffledLinear(), AddShuffled(), "add shuffled");
        Bench.Same(AllocLinear(), Alloc(), "alloc");
        Bench.Same(HandOverLinear(), HandOver(), "free_all");
        Bench.Same(LmbReserveLinear(), LmbReserve(), "lmb reserve");
        Bench.Same(LmbAllocLinear(), LmbAlloc(), "lmb alloc");
    }

    /// <summary>Frees the machines.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _machine.Dispose();
        _fullMachine.Dispose();
    }

    /// <summary>1,024 calls of memblock_add that keep apart, lowest first, from an empty list; its moves are part of it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_add, 1,024 ascending")]
    public uint AddAscendingLinear()
    {
        _linear.Clear();
        _linear.Add(Room, 16 * Bench.MiB);
        for (uint i = 0; i < Many; i++)
        {
            _linear.Add(First + (i * 0x2000), 0x1000);
        }

        return (uint)_linear.Count;
    }

    /// <inheritdoc cref="AddAscendingLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(615)]
    [BenchmarkCategory("memblock_add, 1,024 ascending")]
    public uint AddAscending()
    {
        Init(_memblock, _machine);
        _memblock->Add(Room, 16 * Bench.MiB);
        for (uint i = 0; i < Many; i++)
        {
            _memblock->Add(First + (i * 0x2000), 0x1000);
        }

        return _memblock->MemoryCount;
    }

    /// <summary>The same regions in random order. Linux was measured in ascending order only.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_add, 1,024 in random order")]
    public uint AddShuffledLinear()
    {
        _linear.Clear();
        _linear.Add(Room, 16 * Bench.MiB);
        foreach (uint i in _shuffled)
        {
            _linear.Add(First + (i * 0x2000), 0x1000);
        }

        return (uint)_linear.Count;
    }

    /// <inheritdoc cref="AddShuffledLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_add, 1,024 in random order")]
    public uint AddShuffled()
    {
        Init(_memblock, _machine);
        _memblock->Add(Room, 16 * Bench.MiB);
        foreach (uint i in _shuffled)
        {
            _memblock->Add(First + (i * 0x2000), 0x1000);
        }

        return _memblock->MemoryCount;
    }

    /// <summary>Boot allocations of 64 bytes, top-down, above 64 reservations.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_alloc, 64 bytes")]
    public ulong AllocLinear()
    {
        _linear.Clear();
        for (uint i = 0; i < 64; i++)
        {
            _linear.Add(First + (i * 0x2000), 0x1000);
        }

        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            ulong address = _linear.FindTopDown(0x1000, Bench.GiB, 64, 64);
            _linear.Add(address, 64);
            sum += address;
        }

        return sum;
    }

    /// <inheritdoc cref="AllocLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_alloc, 64 bytes")]
    public ulong Alloc()
    {
        Init(_memblock, _machine);
        _memblock->Add(0, Bench.GiB);
        for (uint i = 0; i < 64; i++)
        {
            _memblock->Reserve(First + (i * 0x2000), 0x1000);
        }

        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            sum += _memblock->Alloc(64, 64, 0, MemblockAllocator.Accessible);
        }

        return sum;
    }

    /// <summary>Everything free of 1 GiB goes to a receiver that counts.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("memblock_free_all, 1 GiB")]
    public ulong HandOverLinear()
    {
        ulong calls = 0;
        LinearHandOver.MarkFree(_free, _reserved);
        return LinearHandOver.GiveAligned(_free, &calls);
    }

    /// <inheritdoc cref="HandOverLinear"/>
    [Benchmark]
    [Linux(1800)]
    [BenchmarkCategory("memblock_free_all, 1 GiB")]
    public ulong HandOver()
    {
        ulong calls = 0;
        PageRuns runs = default;
        runs.Init(&calls, &Bench.Count);
        return _full->HandOver(ulong.MaxValue, &runs);
    }

    /// <summary>128 reservations that keep apart, in random order: a full table.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = TableFull)]
    [BenchmarkCategory("lmb_reserve, 128 in random order")]
    public uint LmbReserveLinear()
    {
        _linear.Clear();
        foreach (uint i in _few)
        {
            _linear.Add(First + (i * 0x2000), 0x1000);
        }

        return (uint)_linear.Count;
    }

    /// <inheritdoc cref="LmbReserveLinear"/>
    [Benchmark(OperationsPerInvoke = TableFull)]
    [BenchmarkCategory("lmb_reserve, 128 in random order")]
    public uint LmbReserve()
    {
        _lmb->Init(&_machine.Memory->Log);
        foreach (uint i in _few)
        {
            _lmb->Reserve(First + (i * 0x2000), 0x1000);
        }

        return _lmb->ReservedCount;
    }

    /// <summary>Page allocations from the top, past 100 reservations with gaps that are too small.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = 16)]
    [BenchmarkCategory("lmb_alloc past 100 reservations")]
    public ulong LmbAllocLinear()
    {
        _linear.Clear();
        for (uint i = 0; i < 100; i++)
        {
            _linear.Add((64 * Bench.MiB) - ((i + 1) * 0x2000), 0x1000);
        }

        ulong sum = 0;
        for (int i = 0; i < 16; i++)
        {
            ulong address = _linear.FindTopDown(0x1000, 64 * Bench.MiB, 0x2000, 0x1000);
            _linear.Add(address, 0x2000);
            sum += address;
        }

        return sum;
    }

    /// <inheritdoc cref="LmbAllocLinear"/>
    [Benchmark(OperationsPerInvoke = 16)]
    [BenchmarkCategory("lmb_alloc past 100 reservations")]
    public ulong LmbAlloc()
    {
        _lmb->Init(&_machine.Memory->Log);
        _lmb->Add(0, 64 * Bench.MiB);
        for (uint i = 0; i < 100; i++)
        {
            _lmb->Reserve((64 * Bench.MiB) - ((i + 1) * 0x2000), 0x1000);
        }

        ulong sum = 0;
        for (int i = 0; i < 16; i++)
        {
            sum += _lmb->AllocBase(0x2000, 0x1000, LmbAllocator.Anywhere);
        }

        return sum;
    }

    /// <summary>An empty memblock that may grow.</summary>
    private static void Init(MemblockAllocator* memblock, HostMachine machine)
    {
        memblock->Init(&machine.Memory->Log, &machine.Memory->Physical, machine.PhysicalBytes);
        memblock->AllowResize();
    }
}
