using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.NoBootmem;

/// <summary>
/// Boot allocations without a bitmap (2.6.34 with CONFIG_NO_BOOTMEM=y): each is an early reservation named "BOOTMEM", and in the end
/// the active ranges without the reservations go to the buddy.
/// </summary>
/// <remarks>
/// Life: <see cref="Init"/> once the memory map is final, <see cref="RegisterActive"/>, allocations, <see cref="HandOver"/>. There
/// is no state of its own beyond pointers: the table of reservations is the state.
/// <para>
/// An allocation takes the lowest aligned free bytes of the first active range, in registration order, that has room at or above the
/// goal. Bytes, not pages: small allocations share pages by themselves, every one takes a slot of the table, and a free
/// must name one allocation exactly.
/// </para>
/// Time, n reservations: an allocation costs one <see cref="EarlyReservations.FindInRange"/> an active range, O(log n + blocks), and
/// one <see cref="EarlyReservations.ReserveNoCheck(ulong, ulong, string)"/>; the hand-over is O(n + active ranges). Linux searches
/// linearly, so that n allocations take O(n^2) to O(n^3).
/// </remarks>
public unsafe struct NoBootmemAllocator
{
    /// <summary>"No limit" for <see cref="AllocateOnce"/>.</summary>
    public const ulong NoLimit = 0xffffffffffffffff;

    /// <summary>The name of every allocation in the table of reservations.</summary>
    public const string Name = "BOOTMEM";

    private KernelLog* _log;
    private PhysicalMemory* _physical;
    private EarlyReservations* _reservations;
    private ActiveRanges* _active;
    private uint _allocations;
    private bool _raw;

    /// <summary>Ties the stage to the ones it works on.</summary>
    public void Init(KernelLog* log, PhysicalMemory* physical, EarlyReservations* reservations, ActiveRanges* active)
    {
        _log = log;
        _physical = physical;
        _reservations = reservations;
        _active = active;
        _allocations = 0;
        _raw = false;
    }

    /// <summary>Allocations made, given back or not.</summary>
    public uint Allocations => _allocations;

    /// <summary>The whole of the node's set-up: registers the map's RAM below <paramref name="endPfn"/> as active ranges.</summary>
    public void RegisterActive(E820Map* map, ulong endPfn)
    {
        _active->RegisterFromMap(map, 0, endPfn);
    }

    /// <summary>
    /// Allocates zeroed memory; if nothing is free from the goal up, the goal is dropped. This is the call for callers that can do without
    /// the memory.
    /// </summary>
    /// <param name="size">Bytes; 0 finds an address and reserves nothing.</param>
    /// <param name="align">A power of two.</param>
    /// <param name="goal">Lowest address wished for, in bytes. A goal above all memory is a wish, not an error.</param>
    /// <param name="limit">End of the addresses that will do, in bytes; <see cref="NoLimit"/> for anywhere.</param>
    /// <returns>Physical address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong TryAllocate(ulong size, ulong align, ulong goal, ulong limit)
    {
        ulong address = AllocateOnce(size, align, goal, limit);
        return address == PhysicalAddress.None && goal != 0 ? AllocateOnce(size, align, 0, limit) : address;
    }

    /// <summary>As <see cref="TryAllocate"/> without a limit; panics in Linux's words when nothing is free.</summary>
    public ulong Allocate(ulong size, ulong align, ulong goal)
    {
        return Must(TryAllocate(size, align, goal, NoLimit), size);
    }

    /// <summary>
    /// As <see cref="Allocate"/>, but what lies in the memory stays there: for a table whose user clears it piece by piece. (memblock's
    /// memblock_alloc_raw of later kernels.)
    /// </summary>
    public ulong AllocateRaw(ulong size, ulong align, ulong goal)
    {
        _raw = true;
        ulong address = Allocate(size, align, goal);
        _raw = false;
        return address;
    }

    /// <summary>As <see cref="Allocate"/>, below <see cref="BootmemAllocator.LowLimit"/>.</summary>
    public ulong AllocateLow(ulong size, ulong align, ulong goal)
    {
        return Must(TryAllocate(size, align, goal, BootmemAllocator.LowLimit), size);
    }

    /// <summary>
    /// One attempt; the goal is not dropped. (So 2.6.34's call for one node behaves too: it returns nothing where the bitmap's falls back,
    /// and callers that do not look fault far from the cause. In a kernel use <see cref="Allocate"/>.)
    /// </summary>
    /// <returns>Physical address, or <see cref="PhysicalAddress.None"/>.</returns>
    public ulong AllocateOnce(ulong size, ulong align, ulong goal, ulong limit)
    {
        for (int i = 0; i < _active->Count; i++)
        {
            _active->Get(i, out ulong startPfn, out ulong endPfn);
            ulong address = _reservations->FindInRange(startPfn << PageSize.Shift, endPfn << PageSize.Shift, goal, limit, size, align);
            if (address != PhysicalAddress.None)
            {
                if (!_raw)
                {
                    _physical->Clear(address, size);
                }

                _reservations->ReserveNoCheck(address, address + size, Name);
                _allocations++;
                return address;
            }
        }

        return PhysicalAddress.None;
    }

    /// <summary>
    /// Gives back an allocation: [<paramref name="address"/>, + <paramref name="size"/>) must be exactly one reservation, else panics
    /// "free_early on not reserved area: A-B!".
    /// </summary>
    public void Free(ulong address, ulong size)
    {
        _reservations->Free(address, address + size);
    }

    /// <summary>There is no bitmap to reserve in: panics "no bootmem". Reservations are made in <see cref="EarlyReservations"/>.</summary>
    public void Reserve()
    {
        _log->Panic("no bootmem");
    }

    /// <summary>
    /// Hands over every page of the active ranges that no reservation touches, ascending, then ends the table of reservations.
    /// Logs the table by <see cref="LogReservations"/>. O(reservations + active ranges).
    /// </summary>
    /// <remarks>
    /// Each range goes as single pages up to a multiple of 64, blocks of 64, single pages. Where Linux 2.6.34 loses ranges for want of
    /// slots in its scratch list (many active ranges and few reservations, or none), all are handed over. Nothing is written to a page
    /// that was handed over; Linux clears the table of reservations although a moved one is free by then.
    /// </remarks>
    /// <param name="runs">Takes the blocks; already initialized, flushed here.</param>
    /// <returns>Pages handed over.</returns>
    public ulong HandOver(PageRuns* runs)
    {
        LogReservations();
        FreeRangeWalk walk = default;
        walk.Init(_active, _reservations);
        while (walk.Next(out ulong startPfn, out ulong endPfn))
        {
            runs->AddRange(startPfn, endPfn);
        }

        runs->Flush();
        _reservations->Close();
        return runs->Pages;
    }

    /// <summary>Logs what is subtracted from the active ranges, one line per reservation; a moved table's own is left out.</summary>
    public void LogReservations()
    {
        byte* name = stackalloc byte[EarlyReservations.NameBufferBytes];
        _log->Print("Subtract (%d early reservations)\n", (ulong)_reservations->Count);
        for (int i = _reservations->TableMoved ? 1 : 0; i < _reservations->Count; i++)
        {
            _reservations->Get(i, out ulong start, out ulong end);
            _reservations->CopyName(i, name);
            _log->Print("  #%d [%010x - %010x] ", (ulong)i, start, end);
            _log->Bytes(name, 15);
            _log->Print("\n");
        }
    }

    /// <summary>As <see cref="BootmemAllocator.HandOverLate"/>: the two variants agree here.</summary>
    public static void HandOverLate(ulong address, ulong size, PageRuns* runs)
    {
        BootmemAllocator.HandOverLate(address, size, runs);
    }

    private ulong Must(ulong address, ulong size)
    {
        if (address == PhysicalAddress.None)
        {
            _log->Print("bootmem alloc of %d bytes failed!\n", size);
            _log->Panic("Out of memory");
        }

        return address;
    }
}
