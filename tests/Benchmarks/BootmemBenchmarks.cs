using System.Collections.Generic;
using BenchmarkDotNet.Attributes;
using CosmosBootAlloc.Benchmarks.Linear;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>Boot allocations and the hand-over of 1 GiB, with the bitmap and without.</summary>
public unsafe class BootmemBenchmarks
{
    private const int Many = 4000;
    private const uint GiBPages = 1 << 18;
    private const uint FirstFree = 1024;

    /// <summary>Pages of the node that serves small allocations: 16 MiB.</summary>
    private const uint SmallNode = 1 << 12;
    private const ulong MapPfn = 256;
    private const ulong TableAddress = 1UL << 36;

    private readonly LinearBitmap _linearBitmap = new((int)SmallNode);
    private readonly LinearReservations _linear = new(2 * Many);
    private readonly LinearBuddy _linearPages = new();
    private readonly bool[] _free = new bool[GiBPages];
    private readonly List<(ulong Start, ulong End)> _reserved = [(0, 0x400000), (0x3000000, 0x3200000), (0x3ff00000, 0x3ff01000)];
    private HostMachine _machine = null!;
    private HostMachine _handOverMachine = null!;

    /// <summary>Makes the machines and compares results.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _machine = Bench.QuietMachine();
        _handOverMachine = Bench.QuietMachine();
        MachineMemory* memory = _handOverMachine.Memory;
        BootmemAllocator* bootmem = &memory->Bootmem;
        InitBitmap();
        Bench.Same(BitmapAllocLinear(), BitmapAlloc(), "bitmap alloc");
        Bench.Same(NoBootmemAllocLinear(), NoBootmemAlloc(), "no-bootmem alloc");
        Bench.Same(BitmapHandOverLinear() + bootmem->MapPages, BitmapHandOver(), "bitmap hand-over");
        Bench.Same(NoBootmemHandOverLinear(), NoBootmemHandOver(), "no-bootmem hand-over");
        Bench.Same(BitmapToPagesLinear() + bootmem->MapPages, BitmapToPages(), "bitmap to pages");
    }

    /// <summary>Frees the machines.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _machine.Dispose();
        _handOverMachine.Dispose();
    }

    /// <summary>
    /// 4,000 allocations of 64 bytes, zeroed, without goal or limit; making the bitmap of 16 MiB before them is part of it, in Linux too.
    /// </summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("bootmem, 64 bytes")]
    public ulong BitmapAllocLinear()
    {
        _linearBitmap.Init((int)FirstFree);
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            sum += _linearBitmap.Allocate(64, 64);
        }

        return sum;
    }

    /// <inheritdoc cref="BitmapAllocLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(12.9)]
    [BenchmarkCategory("bootmem, 64 bytes")]
    public ulong BitmapAlloc()
    {
        MachineMemory* memory = _machine.Memory;
        BootmemAllocator* bootmem = &memory->Bootmem;
        bootmem->Init(&memory->Log, &memory->Physical, MapPfn, 0, SmallNode);
        bootmem->FreePages(FirstFree, SmallNode);
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            sum += bootmem->Allocate(64, 64, 0);
        }

        return sum;
    }

    /// <summary>4,000 allocations of 64 bytes without a bitmap: each is a reservation.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Many)]
    [BenchmarkCategory("no bootmem, 4,000 times 64 bytes")]
    public ulong NoBootmemAllocLinear()
    {
        _linear.Clear();
        _linear.Append(0, FirstFree * Bench.Page);
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            ulong address = _linear.Find(FirstFree * Bench.Page, Bench.GiB, 64, 64);
            _linear.Append(address, address + 64);
            sum += address;
        }

        return sum;
    }

    /// <inheritdoc cref="NoBootmemAllocLinear"/>
    [Benchmark(OperationsPerInvoke = Many)]
    [Linux(1_240_000)]
    [BenchmarkCategory("no bootmem, 4,000 times 64 bytes")]
    public ulong NoBootmemAlloc()
    {
        NoBootmemAllocator* stage = InitNoBootmem(_machine);

        // RAM below the first free page stays out of the sum: growing tables lie there.
        ulong sum = 0;
        for (int i = 0; i < Many; i++)
        {
            sum += stage->TryAllocate(64, 64, FirstFree * Bench.Page, NoBootmemAllocator.NoLimit);
        }

        return sum;
    }

    /// <summary>
    /// What is free of 1 GiB, as single pages and blocks of 64, to a receiver that counts its calls. Linux's calls it for each block, ours
    /// for each run of equal blocks.
    /// </summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("bitmap free_all, 1 GiB")]
    public ulong BitmapHandOverLinear()
    {
        ulong calls = 0;
        LinearHandOver.MarkFree(_free, _reserved);
        return LinearHandOver.GiveByWords(_free, &calls);
    }

    /// <inheritdoc cref="BitmapHandOverLinear"/>
    [Benchmark]
    [Linux(9_000)]
    [BenchmarkCategory("bitmap free_all, 1 GiB")]
    public ulong BitmapHandOver()
    {
        ulong calls = 0;
        PageRuns runs = default;
        runs.Init(&calls, &Bench.Count);
        return _handOverMachine.Memory->Bootmem.HandOver(&runs);
    }

    /// <summary>
    /// The same into the page allocator, which is empty at first. Linux's figure is for preparing the descriptor of each page and counting
    /// the blocks; ours clears a descriptor for each page, puts the blocks into their lists, and makes the bitmap anew.
    /// </summary>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("bitmap free_all, 1 GiB, to the page allocator")]
    public ulong BitmapToPagesLinear()
    {
        LinearHandOver.MarkFree(_free, _reserved);
        _linearPages.Init(0);
        ulong pages = 0;
        for (uint pfn = 0; pfn < GiBPages; pfn++)
        {
            if (_free[pfn])
            {
                _linearPages.Free(pfn, 0);
                pages++;
            }
        }

        return pages;
    }

    /// <inheritdoc cref="BitmapToPagesLinear"/>
    [Benchmark]
    [Linux(633_000)]
    [BenchmarkCategory("bitmap free_all, 1 GiB, to the page allocator")]
    public ulong BitmapToPages()
    {
        MachineMemory* memory = _handOverMachine.Memory;
        InitBitmap();
        PageAllocator* pages = &memory->Pages;
        pages->Init(&memory->Log, &memory->Physical, TableAddress, GiBPages);
        PageRuns runs = default;
        runs.Init(pages, &PageAllocator.Receive);
        memory->Bootmem.HandOver(&runs);
        return pages->FreePageCount;
    }

    /// <inheritdoc cref="BitmapHandOverLinear"/>
    [Benchmark(Baseline = true)]
    [BenchmarkCategory("no-bootmem free_all, 1 GiB")]
    public ulong NoBootmemHandOverLinear()
    {
        ulong calls = 0;
        LinearHandOver.MarkFree(_free, _reserved);
        return LinearHandOver.GiveByWords(_free, &calls);
    }

    /// <summary>
    /// As <see cref="BitmapHandOver"/>; filling the table of reservations and logging it are part of it. Linux was measured only
    /// with its loop over the pages' descriptors, so there is no figure here.
    /// </summary>
    [Benchmark]
    [BenchmarkCategory("no-bootmem free_all, 1 GiB")]
    public ulong NoBootmemHandOver()
    {
        NoBootmemAllocator* stage = InitNoBootmem(_handOverMachine);
        foreach ((ulong start, ulong end) in _reserved)
        {
            _handOverMachine.Memory->EarlyRes.Reserve(start, end, "R");
        }

        ulong calls = 0;
        PageRuns runs = default;
        runs.Init(&calls, &Bench.Count);
        return stage->HandOver(&runs);
    }

    private void InitBitmap()
    {
        MachineMemory* memory = _handOverMachine.Memory;
        memory->Bootmem.Init(&memory->Log, &memory->Physical, MapPfn, 0, GiBPages);
        memory->Bootmem.FreePages(0, GiBPages);
        foreach ((ulong start, ulong end) in _reserved)
        {
            memory->Bootmem.Reserve(start, end - start, false);
        }
    }

    /// <summary>1 GiB of RAM, nothing reserved.</summary>
    private static NoBootmemAllocator* InitNoBootmem(HostMachine machine)
    {
        MachineMemory* memory = machine.Memory;
        memory->Map.Init(&memory->Log);
        memory->Map.Add(0, Bench.GiB, E820Type.Ram);
        memory->EarlyRes.Init(&memory->Log, memory->Physical, &memory->Map);
        memory->EarlyRes.SetMappedEnd(GiBPages);
        memory->Active.Init(&memory->Log);
        memory->NoBootmem.Init(&memory->Log, &memory->Physical, &memory->EarlyRes, &memory->Active);
        memory->NoBootmem.RegisterActive(&memory->Map, GiBPages);
        return &memory->NoBootmem;
    }
}
