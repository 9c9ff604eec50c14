using System;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>
/// What a trace may write. A trace names addresses up to 2^64, and most operations only calculate with them. Those that write into the
/// simulated memory ask here first: the place must lie inside it, and a trace must not fill the host's memory.
/// </summary>
/// <param name="machine">The machine.</param>
public sealed unsafe class TraceMemory(HostMachine machine)
{
    /// <summary>First address that no stage of a trace writes to; the zone's page frames lie above it.</summary>
    public const ulong End = (1UL << 40) - (1UL << 32);

    /// <summary>Bytes that a trace may hold written: bitmaps, tables, page frames.</summary>
    public const ulong MostBytes = 32UL << 20;

    /// <summary>Bytes of one allocation. It is zeroed, and zeros are given back to the host at once.</summary>
    public const ulong MostAllocated = 128UL << 20;

    /// <summary>Bytes that a trace may zero in all, so that it ends: a boot of Linux on 5 GB zeroes 283 MB.</summary>
    public const ulong MostZeroed = 4UL << 30;

    private ulong _written;
    private ulong _zeroed;

    /// <summary>Refuses an operation that would write above the simulated memory.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="what">What is written, or where.</param>
    /// <param name="startPfn">First page of the range written.</param>
    /// <param name="endPfn">First page after it.</param>
    public static void CheckPages(TraceOperation operation, string what, ulong startPfn, ulong endPfn)
    {
        const ulong most = End >> PageSize.Shift;
        if (startPfn > most || endPfn > most)
        {
            throw operation.Error($"'{operation.Name}': {what} at pages 0x{startPfn:x}-0x{endPfn:x} does not lie in the simulated memory, "
                + $"which ends at page 0x{most:x}");
        }
    }

    /// <summary>Counts bytes that are about to be written; refuses those that are too many.</summary>
    public void Write(TraceOperation operation, ulong bytes)
    {
        Check(operation, bytes);
        _written += bytes;
    }

    /// <summary>Makes an allocation, which is zeroed.</summary>
    /// <param name="operation">The operation; its first argument is the size.</param>
    /// <param name="largest">Bytes of the largest range that it may lie in; a larger one fails and writes nothing.</param>
    /// <param name="allocate">Makes it.</param>
    public ulong Allocate(TraceOperation operation, ulong largest, Func<ulong> allocate)
    {
        ulong size = operation.Number(0);
        if (size <= largest && size > MostAllocated)
        {
            throw operation.Error($"'{operation.Name}' zeroes {size} bytes; expected at most {MostAllocated} at once");
        }

        ulong address = allocate();
        if (address == PhysicalAddress.None)
        {
            return address;
        }

        _zeroed += size;
        if (_zeroed > MostZeroed)
        {
            throw operation.Error($"'{operation.Name}': the allocations of this trace zero {_zeroed} bytes; expected at most "
                + $"{MostZeroed} in all");
        }

        machine.Forget(address, size);
        return address;
    }

    /// <summary>
    /// Refuses an operation that may move the table of early reservations when the map has RAM above the simulated memory: the table could
    /// move there.
    /// </summary>
    public void CheckTable(TraceOperation operation)
    {
        EarlyReservations* reservations = &machine.Memory->EarlyRes;
        E820Map* map = &machine.Memory->Map;

        // One operation at most doubles the reservations (free_partial); a table moves when an eighth of it, or two slots, are left.
        bool stays = (reservations->Count + 1) * 2 < reservations->Capacity - Math.Max(reservations->Capacity / 8, 2);
        for (int i = 0; i < map->Count && !stays; i++)
        {
            if (map->IsRam(i))
            {
                CheckPages(operation, "the table of reservations may move; RAM", map->Start(i) >> PageSize.Shift,
                    PageSize.PfnUp(map->End(i)));
            }
        }
    }

    private void Check(TraceOperation operation, ulong bytes)
    {
        if (bytes > MostBytes - _written)
        {
            throw operation.Error($"'{operation.Name}' writes {bytes} bytes beside {_written} that this trace has written; expected at "
                + $"most {MostBytes} at once");
        }
    }
}
