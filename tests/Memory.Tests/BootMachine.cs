using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>A machine between its memory map and its page allocator: RAM, reservations, and either way of boot allocations.</summary>
internal sealed unsafe class BootMachine : IDisposable
{
    /// <summary>Where the table of page frames goes: above all RAM of these tests.</summary>
    private const ulong TableAddress = (1UL << 40) - (1UL << 32);

    /// <summary>A machine with the given RAM, in pages, half-open.</summary>
    internal BootMachine(params (ulong Start, ulong End)[] ram)
    {
        Memory->Map.Init(&Memory->Log);
        Memory->Active.Init(&Memory->Log);
        Memory->EarlyRes.Init(&Memory->Log, Memory->Physical, &Memory->Map);
        Memory->NoBootmem.Init(&Memory->Log, &Memory->Physical, &Memory->EarlyRes, &Memory->Active);
        foreach ((ulong start, ulong end) in ram)
        {
            Memory->Map.Add(start << 12, (end - start) << 12, E820Type.Ram);
            EndPfn = Math.Max(EndPfn, end);
        }

        Memory->EarlyRes.SetMappedEnd(EndPfn);
    }

    internal HostMachine Host { get; } = new();

    internal MachineMemory* Memory => Host.Memory;

    internal BootmemAllocator* Bitmap => &Memory->Bootmem;

    internal NoBootmemAllocator* Direct => &Memory->NoBootmem;

    internal EarlyReservations* Reservations => &Memory->EarlyRes;

    internal ulong EndPfn { get; }

    /// <summary>Runs handed over: first pfn, order, count.</summary>
    internal List<(ulong Pfn, uint Order, ulong Count)> Runs { get; } = [];

    /// <summary>Called with every run, after it was written down.</summary>
    internal Action<ulong, ulong>? OnRun { get; set; }

    /// <summary>Reserves named byte ranges.</summary>
    internal void Reserve(params (ulong Start, ulong End, string Name)[] ranges)
    {
        foreach ((ulong start, ulong end, string name) in ranges)
        {
            Reservations->Reserve(start, end, name);
        }
    }

    /// <summary>Reserves the first byte of as many pages from 0x80 on: more than 28 move the table to page 1.</summary>
    internal void ReserveMany(uint count)
    {
        for (ulong i = 0; i < count; i++)
        {
            Reserve((0x80000 + i * 0x1000, 0x80001 + i * 0x1000, "one byte"));
        }

        Assert.True(Reservations->TableMoved);
        Reservations->Get(0, out ulong table, out _);
        Assert.Equal(0x1000u, table);
    }

    /// <summary>The bitmap variant up to where boot allocations are made.</summary>
    internal void SetUpBitmap()
    {
        Bitmap->SetUp(&Memory->Log, &Memory->Physical, &Memory->Map, Reservations, &Memory->Active, EndPfn);
        Bitmap->TakeOver(Reservations, 0, EndPfn << 12);
    }

    /// <summary>A bare node with its bitmap at a page of its own choice, RAM [start, end) freed, the bitmap reserved.</summary>
    internal void SetUpNode(ulong mapPfn, ulong startPfn, ulong endPfn)
    {
        Bitmap->Init(&Memory->Log, &Memory->Physical, mapPfn, startPfn, endPfn);
        Bitmap->FreePages(startPfn, endPfn);
        Bitmap->Reserve(mapPfn << 12, Bitmap->MapPages << 12, false);
    }

    /// <summary>The variant without, up to where boot allocations are made.</summary>
    internal void SetUpDirect() => Direct->RegisterActive(&Memory->Map, EndPfn);

    /// <summary>Makes the page allocator for [0, end of RAM).</summary>
    internal PageAllocator* SetUpPages()
    {
        Memory->Pages.Init(&Memory->Log, &Memory->Physical, TableAddress, EndPfn);
        return &Memory->Pages;
    }

    /// <summary>Hands everything over, into <see cref="Runs"/> and, if there is one, the page allocator.</summary>
    internal ulong HandOver(bool bitmap)
    {
        GCHandle self = GCHandle.Alloc(this);
        try
        {
            PageRuns runs = default;
            runs.Init((void*)GCHandle.ToIntPtr(self), &Receive);
            return bitmap ? Bitmap->HandOver(&runs) : Direct->HandOver(&runs);
        }
        finally
        {
            self.Free();
        }
    }

    /// <summary>The runs handed over, as a trace shows them.</summary>
    internal string Rows() => string.Join("; ", Runs.ConvertAll(run => $"{run.Pfn:x} {run.Order} {run.Count}"));

    /// <summary>The bitmap's free runs.</summary>
    internal string FreeRuns()
    {
        List<string> rows = [];
        for (ulong pfn = Bitmap->StartPfn; Bitmap->NextFreeRun(pfn, out ulong start, out ulong end); pfn = end)
        {
            rows.Add($"{start:x}-{end:x}");
        }

        return string.Join(" ", rows);
    }

    /// <summary>Which pages the page allocator has as free.</summary>
    internal bool[] FreePages()
    {
        bool[] free = new bool[EndPfn];
        for (uint pfn = 0; pfn < EndPfn;)
        {
            PageState state = (pfn < PageAllocator.DmaEndPfn ? &Memory->Pages.Dma : &Memory->Pages.Dma32)->BlockAt(pfn, out uint order);
            uint end = pfn + (1u << (int)order);
            free.AsSpan((int)pfn, (int)(end - pfn)).Fill(state == PageState.Free);
            pfn = end;
        }

        return free;
    }

    /// <summary>The message with which the action stops the machine.</summary>
    internal string Stops(Action<BootMachine> action) => Assert.Throws<KernelPanicException>(() => action(this)).Message;

    public void Dispose() => Host.Dispose();

    private static void Receive(void* context, ulong pfn, uint order, ulong count)
    {
        BootMachine machine = (BootMachine)GCHandle.FromIntPtr((nint)context).Target!;
        machine.Runs.Add((pfn, order, count));
        if (machine.Memory->Pages.EndPfn != 0)
        {
            PageAllocator.Receive(&machine.Memory->Pages, pfn, order, count);
        }

        machine.OnRun?.Invoke(pfn, pfn + (count << (int)order));
    }
}
