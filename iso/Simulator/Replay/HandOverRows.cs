using System;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.HandOver;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>
/// The receiver of a trace's hand-over: writes each run down as a row <c>0xPFN ORDER COUNT</c> and, if the trace made a zone, lets the
/// pages enter it as the kernel's receiver does.
/// </summary>
public sealed unsafe class HandOverRows : IDisposable
{
    private readonly TraceResults _results;
    private readonly BuddyOperations _buddy;
    private readonly GCHandle _self;

    /// <summary>Makes a receiver for one operation.</summary>
    public HandOverRows(TraceResults results, BuddyOperations buddy)
    {
        _results = results;
        _buddy = buddy;
        _self = GCHandle.Alloc(this);
    }

    /// <summary>Starts the runs that end here.</summary>
    public void Init(PageRuns* runs) => runs->Init((void*)GCHandle.ToIntPtr(_self), &Receive);

    /// <inheritdoc/>
    public void Dispose() => _self.Free();

    private static void Receive(void* context, ulong pfn, uint order, ulong count)
    {
        HandOverRows rows = (HandOverRows)GCHandle.FromIntPtr((nint)context).Target!;
        rows._results.Row($"{TraceResults.Hex(pfn)} {order} {count}");
        if (rows._buddy.HasZone)
        {
            // Pages beyond 32 bits are outside any zone, as the zone will say.
            ulong end = Math.Min(pfn + (count << (int)order), uint.MaxValue);
            rows._buddy.Pages->HandOverRange((uint)Math.Min(pfn, end), (uint)end);
        }
    }
}
