using System;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>The page allocator's zone: 64 MiB, all of it free at first.</summary>
public unsafe class BuddyBenchmarks
{
    private const int Pages = 16384;
    private const int Mixed = 4096;
    private const uint GiBPages = 1 << 18;
    private const ulong TableAddress = 1UL << 36;

    private readonly LinearBuddy _linear = new();
    private readonly uint[] _random = Bench.Shuffled(Pages);
    private readonly (bool Allocate, int Order, int Slot)[] _steps = new (bool, int, int)[Mixed];
    private readonly uint[] _slots = new uint[Mixed];
    private HostMachine _machine = null!;
    private HostMachine _pagesMachine = null!;
    private Zone* _zone;
    private PageAllocator* _pages;

    /// <summary>Makes the zones and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _machine = Bench.QuietMachine();
        _pagesMachine = Bench.QuietMachine();
        _zone = &_machine.Memory->Pages.Dma32;
        _pages = &_pagesMachine.Memory->Pages;
        MakeSteps();
        Refill();
        PairLinear();
        Pair();
        Bench.Same(MixedLinear(), MixedOrders(), "mixed orders");
        Bench.Same(DrainLinear(), Drain(), "drain");
        FreeAtRandomLinear();
        FreeAtRandom();
        Bench.Same(LargestBlocksLinear(), LargestBlocks(), "largest blocks after freeing at random");
        EnterLinear();
        Enter();
        Bench.Same(_linear.Allocate(10) != uint.MaxValue, _pages->AllocatePages(10) != PageAllocator.None, "a largest block of 1 GiB");
        Refill();
    }

    /// <summary>Frees the machines.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _machine.Dispose();
        _pagesMachine.Dispose();
    }

    /// <summary>One page taken and given back while all is free: ten splits, ten merges.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("buddy, alloc and free a page")]
    public uint PairLinear()
    {
        uint pfn = _linear.Allocate(0);
        _linear.Free(pfn, 0);
        return pfn;
    }

    /// <inheritdoc cref="PairLinear"/>
    [Benchmark]
    [Linux(36)]
    [BenchmarkCategory("buddy, alloc and free a page")]
    public uint Pair()
    {
        uint pfn = _zone->Allocate(0);
        _zone->Free(pfn, 0);
        return pfn;
    }

    /// <summary>Blocks of order 0 to 4 taken and given back in random order.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Mixed)]
    [BenchmarkCategory("buddy, mixed orders")]
    public uint MixedLinear()
    {
        uint done = 0;
        foreach ((bool allocate, int order, int slot) in _steps)
        {
            if (allocate)
            {
                _slots[slot] = _linear.Allocate(order);
            }
            else
            {
                _linear.Free(_slots[slot], order);
            }

            done++;
        }

        return done;
    }

    /// <inheritdoc cref="MixedLinear"/>
    [Benchmark(OperationsPerInvoke = Mixed)]
    [Linux(12.8)]
    [BenchmarkCategory("buddy, mixed orders")]
    public uint MixedOrders()
    {
        uint done = 0;
        foreach ((bool allocate, int order, int slot) in _steps)
        {
            if (allocate)
            {
                _slots[slot] = _zone->Allocate((uint)order);
            }
            else
            {
                _zone->Free(_slots[slot], (uint)order);
            }

            done++;
        }

        return done;
    }

    /// <summary>All pages free again, before each iteration of the cases that use them up.</summary>
    [IterationSetup(Targets = [nameof(DrainLinear), nameof(Drain)])]
    public void Refill()
    {
        _linear.Init(Pages);
        PageFrame* table = (PageFrame*)_machine.Memory->Physical.At(TableAddress);
        _zone->Init(&_machine.Memory->Log, table, 0, 0, Pages);
        _zone->HandOverRange(0, Pages);
    }

    /// <summary>All pages taken, before each iteration of the cases that give them back.</summary>
    [IterationSetup(Targets = [nameof(FreeAtRandomLinear), nameof(FreeAtRandom)])]
    public void TakeAll()
    {
        Refill();
        DrainLinear();
        Drain();
    }

    /// <summary>Every page taken, one by one.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pages)]
    [BenchmarkCategory("buddy, drain")]
    public uint DrainLinear()
    {
        uint count = 0;
        while (_linear.Allocate(0) != uint.MaxValue)
        {
            count++;
        }

        return count;
    }

    /// <inheritdoc cref="DrainLinear"/>
    [Benchmark(OperationsPerInvoke = Pages)]
    [Linux(7.5)]
    [BenchmarkCategory("buddy, drain")]
    public uint Drain()
    {
        uint count = 0;
        while (_zone->Allocate(0) != Zone.None)
        {
            count++;
        }

        return count;
    }

    /// <summary>Every page given back, in random order.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Pages)]
    [BenchmarkCategory("buddy, free at random")]
    public void FreeAtRandomLinear()
    {
        foreach (uint pfn in _random)
        {
            _linear.Free(pfn, 0);
        }
    }

    /// <inheritdoc cref="FreeAtRandomLinear"/>
    [Benchmark(OperationsPerInvoke = Pages)]
    [Linux(47)]
    [BenchmarkCategory("buddy, free at random")]
    public void FreeAtRandom()
    {
        foreach (uint pfn in _random)
        {
            _zone->Free(pfn, 0);
        }
    }

    /// <summary>1 GiB enters an empty allocator: the linear version frees every page, ours hands over one range. Clearing the 2 MiB
    /// table is part of ours.</summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("buddy, 1 GiB enters")]
    public void EnterLinear() => _linear.InitPageByPage(GiBPages);

    /// <inheritdoc cref="EnterLinear"/>
    [Benchmark]
    [BenchmarkCategory("buddy, 1 GiB enters")]
    public uint Enter()
    {
        MachineMemory* memory = _pagesMachine.Memory;
        _pages->Init(&memory->Log, &memory->Physical, TableAddress, GiBPages);
        _pages->HandOverRange(0, GiBPages);
        return _pages->FreePageCount;
    }

    private uint LargestBlocksLinear()
    {
        uint count = 0;
        while (_linear.Allocate(10) != uint.MaxValue)
        {
            count++;
        }

        return count;
    }

    private uint LargestBlocks()
    {
        uint count = 0;
        while (_zone->Allocate(10) != Zone.None)
        {
            count++;
        }

        return count;
    }

    /// <summary>Random allocations and frees that end with everything free.</summary>
    private void MakeSteps()
    {
        Random random = new(1);
        System.Collections.Generic.List<(int Order, int Slot)> live = [];
        for (int i = 0; i < Mixed; i++)
        {
            bool mustFree = live.Count >= Mixed - i;
            if (!mustFree && (live.Count == 0 || random.Next(2) == 0))
            {
                int order = random.Next(5);
                live.Add((order, i));
                _steps[i] = (true, order, i);
            }
            else
            {
                int pick = random.Next(live.Count);
                _steps[i] = (false, live[pick].Order, live[pick].Slot);
                live.RemoveAt(pick);
            }
        }
    }
}
