using System;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>
/// early_res and memblock with many reservations: pages with a page free between two, made in an order, and searches for two pages.
/// </summary>
public unsafe class ManyReservationsBenchmarks
{
    private const int Some = 1024;
    private const int Many = 16_000;
    private const int ColdLists = 16;
    private const ulong First = 0x10000000;
    private const ulong Between = 2 * Bench.Page;
    private const ulong RamEnd = 4 * Bench.GiB;

    private readonly LinearReservations _linearTable = new(Many + 1);
    private readonly LinearReservations _linearSome = new(Many + 1);
    private readonly LinearRegions _linearList = new(Many + 1);
    private readonly LinearRegions _linearFew = new(Many + 1);
    private static readonly LinearRegions s_linearMany = new(Many + 1);
    private readonly uint[] _someRandom = Bench.Shuffled(Some);
    private readonly uint[] _random = Bench.Shuffled(Many);
    private readonly uint[] _descending = Bench.Shuffled(Many);
    private HostMachine _machine = null!;
    private HostMachine _someMachine = null!;
    private HostMachine _manyMachine = null!;
    private EarlyReservations* _some;
    private EarlyReservations* _asReserved;
    private MemblockAllocator* _cold;

    /// <summary>Makes the machines and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        Array.Sort(_descending);
        Array.Reverse(_descending);
        _machine = Bench.QuietMachine();
        _someMachine = Bench.QuietMachine();
        _manyMachine = Bench.QuietMachine();
        _cold = (MemblockAllocator*)NativeMemory.AllocZeroed(ColdLists, (nuint)sizeof(MemblockAllocator));
        _asReserved = (EarlyReservations*)NativeMemory.AllocZeroed((nuint)sizeof(EarlyReservations));
        _some = Table(_someMachine, _someRandom);
        *_asReserved = *_some;
        List(&_someMachine.Memory->Memblock, _someMachine, RamEnd, _someRandom);
        List(&_manyMachine.Memory->Memblock, _manyMachine, RamEnd, _random);
        Fill(_linearFew, _someRandom);
        foreach (uint i in _someRandom)
        {
            _linearSome.Reserve(Start(i), Start(i) + Bench.Page);
        }

        ColdMemblocks();
        if (s_linearMany.Count == 0)
        {
            // Takes seconds, and is the same before each case of this process.
            Fill(s_linearMany, _random);
            Compare();
        }
    }

    private void Compare()
    {
        Bench.Same(TableRandomLinear(), TableRandom(), "16,000 early reservations");
        Bench.Same(TableDescendingLinear(), TableDescending(), "16,000 early reservations, descending");
        Bench.Same(TableFindLinear(), TableFindCold(), "a first search of early_res");
        Bench.Same(ListRandomLinear(), ListRandom(), "16,000 reservations of memblock");
        Bench.Same(ListDescendingLinear(), ListDescending(), "16,000 reservations of memblock, descending");
        Bench.Same(FindSomeLinear(), FindSome(), "memblock find past 1,024");
        Bench.Same(FindSomeLinear(), FindSomeCold() / ColdLists, "a first memblock find");
        Bench.Same(FindManyLinear(), FindMany(), "memblock find past 16,000");
    }

    /// <summary>Frees the machines.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _machine.Dispose();
        _someMachine.Dispose();
        _manyMachine.Dispose();
        NativeMemory.Free(_cold);
        NativeMemory.Free(_asReserved);
    }

    /// <summary>16,000 calls of reserve_early in random order, from an empty table; its ten moves are part of it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 16,000 in random order")]
    public int TableRandomLinear() => ReserveLinear(_random);

    /// <inheritdoc cref="TableRandomLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 16,000 in random order")]
    public int TableRandom() => Table(_machine, _random)->Count - 1;

    /// <summary>The same, highest first.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 16,000 descending")]
    public int TableDescendingLinear() => ReserveLinear(_descending);

    /// <inheritdoc cref="TableDescendingLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("reserve_early, 16,000 descending")]
    public int TableDescending() => Table(_machine, _descending)->Count - 1;

    /// <summary>
    /// Room for two pages past 1,024 reservations, as the first search after they were made in random order. What the search learns is
    /// undone before each by copying the struct, 3 KiB, which is part of ours. Linux learns nothing: its figure is that of any search.
    /// </summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("find_e820_area past 1,024, first search")]
    public ulong TableFindLinear() => _linearSome.Find(First, RamEnd, Between, Bench.Page);

    /// <inheritdoc cref="TableFindLinear"/>
    [Benchmark]
    [Linux(303_000)]
    [BenchmarkCategory("find_e820_area past 1,024, first search")]
    public ulong TableFindCold()
    {
        *_some = *_asReserved;
        return _some->Find(First, RamEnd, Between, Bench.Page);
    }

    /// <summary>16,000 calls of memblock_reserve in random order, from an empty list; its seven moves are part of it.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_reserve, 16,000 in random order")]
    public uint ListRandomLinear() => Fill(_linearList, _random);

    /// <inheritdoc cref="ListRandomLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_reserve, 16,000 in random order")]
    public uint ListRandom() => List(&_machine.Memory->Memblock, _machine, RamEnd, _random);

    /// <summary>The same, highest first.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_reserve, 16,000 descending")]
    public uint ListDescendingLinear() => Fill(_linearList, _descending);

    /// <inheritdoc cref="ListDescendingLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [BenchmarkCategory("memblock_reserve, 16,000 descending")]
    public uint ListDescending() => List(&_machine.Memory->Memblock, _machine, RamEnd, _descending);

    /// <summary>
    /// The highest room for two pages below the end of 1,024 reservations, which is below them all. The same search again and again.
    /// </summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("memblock find past 1,024")]
    public ulong FindSomeLinear() => _linearFew.FindTopDown(Bench.Page, Start(Some), Between, Bench.Page);

    /// <inheritdoc cref="FindSomeLinear"/>
    [Benchmark]
    [Linux(10_000)]
    [BenchmarkCategory("memblock find past 1,024")]
    public ulong FindSome() => _someMachine.Memory->Memblock.Find(0, Start(Some), Between, Bench.Page);

    /// <summary>The same search as the first one after the reservations were made. The linear version remembers nothing.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("memblock find past 1,024, first search")]
    public ulong FindSomeColdLinear() => _linearFew.FindTopDown(Bench.Page, Start(Some), Between, Bench.Page);

    /// <summary>Fresh lists for <see cref="FindSomeCold"/>, each with memory up to an end of its own, where it lies.</summary>
    [IterationSetup(Target = nameof(FindSomeCold))]
    public void ColdMemblocks()
    {
        for (int i = 0; i < ColdLists; i++)
        {
            List(_cold + i, _machine, RamEnd + ((ulong)(i + 1) * Bench.GiB), _someRandom);
        }
    }

    /// <summary>As <see cref="FindSomeColdLinear"/>: 16 lists made in random order, each searched once.</summary>
    [Benchmark(OperationsPerInvoke = ColdLists)]
    [Linux(10_000)]
    [BenchmarkCategory("memblock find past 1,024, first search")]
    public ulong FindSomeCold()
    {
        ulong sum = 0;
        for (int i = 0; i < ColdLists; i++)
        {
            sum += _cold[i].Find(0, Start(Some), Between, Bench.Page);
        }

        return sum;
    }

    /// <summary>As past 1,024, but 16,000 reservations.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("memblock find past 16,000")]
    public ulong FindManyLinear() => s_linearMany.FindTopDown(Bench.Page, Start(Many), Between, Bench.Page);

    /// <inheritdoc cref="FindManyLinear"/>
    [Benchmark]
    [BenchmarkCategory("memblock find past 16,000")]
    public ulong FindMany() => _manyMachine.Memory->Memblock.Find(0, Start(Many), Between, Bench.Page);

    private static ulong Start(uint i) => First + (i * Between);

    private int ReserveLinear(uint[] order)
    {
        _linearTable.Clear();
        foreach (uint i in order)
        {
            _linearTable.Reserve(Start(i), Start(i) + Bench.Page);
        }

        return _linearTable.Count;
    }

    private static uint Fill(LinearRegions list, uint[] order)
    {
        list.Clear();
        foreach (uint i in order)
        {
            list.Add(Start(i), Bench.Page);
        }

        return (uint)list.Count;
    }

    private static EarlyReservations* Table(HostMachine machine, uint[] order)
    {
        MachineMemory* memory = machine.Memory;
        memory->Map.Init(&memory->Log);
        memory->Map.Add(0x100000, RamEnd - 0x100000, E820Type.Ram);
        memory->EarlyRes.Init(&memory->Log, memory->Physical, &memory->Map);
        memory->EarlyRes.SetMappedEnd(RamEnd >> PageSize.Shift);
        foreach (uint i in order)
        {
            memory->EarlyRes.Reserve(Start(i), Start(i) + Bench.Page, "R");
        }

        return &memory->EarlyRes;
    }

    /// <summary>The reservations below those of the list itself, which are one region at the end of memory when it has grown.</summary>
    private static uint List(MemblockAllocator* memblock, HostMachine machine, ulong end, uint[] order)
    {
        memblock->Init(&machine.Memory->Log, &machine.Memory->Physical, machine.PhysicalBytes);
        memblock->AllowResize();
        memblock->Add(0, end);
        foreach (uint i in order)
        {
            memblock->Reserve(Start(i), Bench.Page);
        }

        return memblock->ReservedCount - 1;
    }
}
