using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace CosmosBootAlloc.Tool.Replay;

/// <summary>
/// Receives the blocks of a hand-over and turns them into rows <c>PFN ORDER COUNT</c>: COUNT blocks of 2^ORDER pages, each
/// right behind the one before; runs are as long as they can be.
/// </summary>
public sealed unsafe class BlockRows
{
    /// <summary>A run of blocks of one order.</summary>
    public readonly record struct Run(ulong Pfn, uint Order, ulong Count);

    /// <summary>The runs so far, in hand-over order.</summary>
    public List<Run> Runs { get; } = [];

    /// <summary>Calls <paramref name="handOver"/> with a context and a sink of type <c>delegate*&lt;void*, ulong, uint, void&gt;</c>
    /// that feed this object, and returns what it returns.</summary>
    public ulong Collect(Func<nint, nint, ulong> handOver)
    {
        GCHandle self = GCHandle.Alloc(this);
        try
        {
            return handOver(GCHandle.ToIntPtr(self), (nint)(delegate*<void*, ulong, uint, void>)&Sink);
        }
        finally
        {
            self.Free();
        }
    }

    /// <summary>Takes one block.</summary>
    public void Add(ulong pfn, uint order)
    {
        if (Runs.Count > 0 && Runs[^1] is { } last && last.Order == order && last.Pfn + (last.Count << (int)order) == pfn)
        {
            Runs[^1] = last with { Count = last.Count + 1 };
        }
        else
        {
            Runs.Add(new Run(pfn, order, 1));
        }
    }

    /// <summary>Adds the runs to the rows of an operation.</summary>
    public void Print(TraceResults results)
    {
        foreach (Run run in Runs)
        {
            results.Row($"{TraceResults.Hex(run.Pfn)} {run.Order} {run.Count}");
        }
    }

    private static void Sink(void* context, ulong pfn, uint order)
    {
        ((BlockRows)GCHandle.FromIntPtr((nint)context).Target!).Add(pfn, order);
    }
}
