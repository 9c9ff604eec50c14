using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.HandOver;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>A run of blocks of one order, as handed over.</summary>
internal readonly record struct BlockRun(ulong Pfn, uint Order, ulong Count);

/// <summary>The receiver of a hand-over that a test looks at.</summary>
internal static unsafe class CollectedRuns
{
    /// <summary>A hand-over into runs; returns the pages it says it gave.</summary>
    internal delegate ulong Source(PageRuns* runs);

    /// <summary>Runs a hand-over and gives its runs; the pages must add up.</summary>
    internal static List<BlockRun> Of(Source handOver)
    {
        List<BlockRun> collected = [];
        GCHandle handle = GCHandle.Alloc(collected);
        try
        {
            PageRuns runs = default;
            runs.Init((void*)GCHandle.ToIntPtr(handle), &Receive);
            ulong pages = handOver(&runs);
            ulong sum = 0;
            foreach (BlockRun run in collected)
            {
                sum += run.Count << (int)run.Order;
            }

            Assert.Equal(sum, pages);
            return collected;
        }
        finally
        {
            handle.Free();
        }
    }

    /// <summary>Runs as text: pfn:order x count, the pfn in hexadecimal.</summary>
    internal static string Text(List<BlockRun> runs) => string.Join(' ', runs.ConvertAll(run => $"{run.Pfn:x}:{run.Order}x{run.Count}"));

    private static void Receive(void* context, ulong pfn, uint order, ulong count)
    {
        ((List<BlockRun>)GCHandle.FromIntPtr((nint)context).Target!).Add(new BlockRun(pfn, order, count));
    }
}
