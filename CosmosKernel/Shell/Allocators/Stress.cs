using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>
/// Mixed operations in a sequence that a seed gives: raw objects of all sizes, aligned ones, growing and shrinking ones, blocks of pages,
/// arrays and strings of objects under <c>new</c>. Each carries a pattern that is checked before it goes. At the end all is given back, and
/// the zones must have the same free blocks as before.
/// </summary>
internal static unsafe class Stress
{
    private const uint Slots = 1024;
    private const uint Site = 0x57e55;
    private const uint Lines = 10;
    private const uint Pictures = 100;

    // Operations between two looks for a Ctrl-C.
    private const uint LookEvery = 256;

    private static object[] s_objects;
    private static uint s_random;
    private static uint s_refused;
    private static ulong s_ticks;

    /// <summary>How many.</summary>
    internal static uint Operations;

    /// <summary>Which sequence.</summary>
    internal static uint Seed;

    /// <summary>What a slot holds.</summary>
    private enum Kind : uint
    {
        Nothing,
        Raw,
        Pages,
        Object,
    }

    /// <summary>
    /// Runs; logs a progress line each tenth. Ctrl-C ends it early: <see cref="Operations"/> then says how many were done.
    /// </summary>
    /// <returns>True when every pattern was whole and everything came back.</returns>
    /// <remarks>
    /// The numbers live in static fields and in a frame of their own: on the stack during the last collection they could be taken for
    /// pointers.
    /// </remarks>
    internal static bool Run(KernelLog* log, bool picture)
    {
        uint* before = stackalloc uint[2 * (int)Zone.Orders];
        GiveBack();
        Snapshot(before);
        uint free = KernelState.Memory->Pages.FreePageCount;
        Entry* entries = (Entry*)RawMemory.Allocate(Slots * (uint)sizeof(Entry), Site);
        if (entries == null)
        {
            log->Print("stress: no memory for its own table\n");
            return false;
        }

        for (uint i = 0; i < Slots; i++)
        {
            entries[i].Kind = Kind.Nothing;
        }

        uint faults = Work(log, entries, picture);
        RawMemory.Free(entries);
        GiveBack();
        uint heapFault = KernelState.Memory->Raw.FindFault() | KernelState.Memory->Heap.FindFault();
        uint pageFault = KernelState.Memory->Pages.FindFault();
        uint different = Compare(before);
        log->Print(
            "stress: operations=%d seed=%d faults=%d refused=%d heap_fault=%x page_fault=%x different_orders=%d", Operations, Seed, faults,
            s_refused, heapFault, pageFault == PageAllocator.None ? 0 : pageFault, different);
        log->Print(
            " free_kb_before=%d free_kb_after=%d ticks_per_op=%d\n", free << 2, KernelState.Memory->Pages.FreePageCount << 2,
            Operations == 0 ? 0 : s_ticks / Operations);
        return faults == 0 && heapFault == 0 && pageFault == PageAllocator.None && different == 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Work(KernelLog* log, Entry* entries, bool picture)
    {
        s_random = (Seed * 2654435761) | 1;
        s_refused = 0;
        MakeObjectTable();
        uint operations = Operations;
        uint collections = GarbageCollection.Runs;
        uint line = operations / Lines;
        uint drawn = operations / Pictures;
        ulong start = Clock.Ticks();
        uint faults = 0;
        for (uint done = 1; done <= operations; done++)
        {
            if (done % LookEvery == 0 && Interruption.Wanted())
            {
                operations = done - 1;
                break;
            }

            uint slot = Next() % Slots;
            faults += Step(&entries[slot], slot) ? 0u : 1u;
            if (picture && drawn != 0 && done % drawn == 0)
            {
                MemoryPicture.Draw();
            }

            if (line != 0 && done % line == 0)
            {
                log->Print(
                    "stress: %d of %d, %d kB free, %d collections, %d refused, %d faults\n", done, operations,
                    KernelState.Memory->Pages.FreePageCount << 2, GarbageCollection.Runs - collections, s_refused, faults);
            }
        }

        s_ticks = Clock.Ticks() - start;
        Operations = operations;
        for (uint i = 0; i < Slots; i++)
        {
            faults += Drop(&entries[i], i) ? 0u : 1u;
        }

        s_objects = null;
        return faults;
    }

    private static bool Step(Entry* entry, uint slot)
    {
        if (entry->Kind == Kind.Nothing)
        {
            Take(entry, slot);
            return true;
        }

        if (entry->Kind == Kind.Raw && (Next() & 7) == 0)
        {
            return Resize(entry, slot);
        }

        return Drop(entry, slot);
    }

    private static void Take(Entry* entry, uint slot)
    {
        uint choice = Next() & 15;
        if (choice < 2)
        {
            entry->Bytes = Next() % 5;
            uint pfn = KernelState.Memory->Pages.AllocatePages(entry->Bytes);
            if (pfn == PageAllocator.None)
            {
                s_refused++;
                return;
            }

            entry->Kind = Kind.Pages;
            entry->Address = pfn << PageSize.Shift;
            Mark(entry->Address, (uint)PageSize.Bytes << (int)entry->Bytes, slot);
        }
        else if (choice < 5)
        {
            entry->Kind = Kind.Object;
            TakeObject(entry, slot);
        }
        else
        {
            entry->Bytes = Size();
            void* memory = choice == 5 ? KernelState.Memory->Raw.AllocateAligned(entry->Bytes, 1u << (int)(Next() % 14), Site)
                : RawMemory.Allocate(entry->Bytes, Site);
            if (memory == null)
            {
                s_refused++;
                return;
            }

            entry->Kind = Kind.Raw;
            entry->Address = (uint)memory;
            Mark(entry->Address, entry->Bytes, slot);
        }
    }

    private static bool Resize(Entry* entry, uint slot)
    {
        bool whole = IsMarked(entry->Address, entry->Bytes, slot);
        uint bytes = Size();
        byte* memory = (byte*)KernelState.Memory->Raw.Reallocate((void*)entry->Address, bytes, Site);
        if (memory == null)
        {
            s_refused++;
            return whole;
        }

        whole &= memory[0] == (byte)slot;
        entry->Address = (uint)memory;
        entry->Bytes = bytes;
        Mark(entry->Address, bytes, slot);
        return whole;
    }

    private static bool Drop(Entry* entry, uint slot)
    {
        bool whole = true;
        switch (entry->Kind)
        {
            case Kind.Raw:
                whole = IsMarked(entry->Address, entry->Bytes, slot);
                RawMemory.Free((void*)entry->Address);
                break;
            case Kind.Pages:
                whole = IsMarked(entry->Address, (uint)PageSize.Bytes << (int)entry->Bytes, slot);
                KernelState.Memory->Pages.FreePages(entry->Address >> PageSize.Shift, entry->Bytes);
                break;
            case Kind.Object:
                whole = DropObject(entry, slot);
                break;
        }

        entry->Kind = Kind.Nothing;
        return whole;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MakeObjectTable()
    {
        s_objects = new object[Slots];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TakeObject(Entry* entry, uint slot)
    {
        uint length = 1 + (Next() % ((Next() & 7) == 0 ? 6000u : 60u));
        entry->Bytes = length;
        int[] numbers = new int[length];
        numbers[0] = (int)slot;
        numbers[length - 1] = (int)slot;
        s_objects[slot] = new Holder { Numbers = numbers, Before = s_objects[(slot * 7) % Slots] as Holder, Slot = slot };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool DropObject(Entry* entry, uint slot)
    {
        Holder holder = (Holder)s_objects[slot];
        s_objects[slot] = null;

        // Cut, or the chain of those before would keep nearly all of them.
        holder.Before = null;
        return holder.Slot == slot && holder.Numbers.Length == (int)entry->Bytes && holder.Numbers[0] == (int)slot
            && holder.Numbers[entry->Bytes - 1] == (int)slot;
    }

    /// <summary>1 byte to 64 KiB, small ones far more often.</summary>
    private static uint Size()
    {
        uint choice = Next() & 31;
        uint limit = choice == 0 ? 65536u : choice < 3 ? 16384u : choice < 8 ? 2048u : choice < 16 ? 256u : 64u;
        return 1 + (Next() % limit);
    }

    /// <summary>First and last byte, and one in each page between.</summary>
    private static void Mark(uint address, uint bytes, uint slot)
    {
        byte* memory = (byte*)address;
        for (uint at = 0; at < bytes; at += (uint)PageSize.Bytes)
        {
            memory[at] = (byte)slot;
        }

        memory[bytes - 1] = (byte)slot;
    }

    private static bool IsMarked(uint address, uint bytes, uint slot)
    {
        byte* memory = (byte*)address;
        bool whole = memory[bytes - 1] == (byte)slot;
        for (uint at = 0; at < bytes; at += (uint)PageSize.Bytes)
        {
            whole &= memory[at] == (byte)slot;
        }

        return whole;
    }

    /// <summary>Collects, and returns what the heaps keep in reserve, so that two snapshots can be compared.</summary>
    private static void GiveBack()
    {
        GarbageCollection.Collect();
        KernelState.Memory->Raw.Trim();
        KernelState.Memory->Heap.Trim();
        KernelState.Memory->Slabs.Trim();
    }

    private static void Snapshot(uint* counts)
    {
        for (uint order = 0; order < Zone.Orders; order++)
        {
            counts[order] = KernelState.Memory->Pages.Dma.FreeBlocks(order);
            counts[Zone.Orders + order] = KernelState.Memory->Pages.Dma32.FreeBlocks(order);
        }
    }

    private static uint Compare(uint* before)
    {
        uint* after = stackalloc uint[2 * (int)Zone.Orders];
        Snapshot(after);
        uint different = 0;
        for (uint i = 0; i < 2 * Zone.Orders; i++)
        {
            different += before[i] != after[i] ? 1u : 0u;
        }

        return different;
    }

    // Marsaglia's xorshift.
    private static uint Next()
    {
        uint x = s_random;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        s_random = x;
        return x;
    }

    private struct Entry
    {
        internal Kind Kind;
        internal uint Address;

        /// <summary>Bytes; of pages the order, of an object the elements.</summary>
        internal uint Bytes;
    }

    private sealed class Holder
    {
        internal int[] Numbers;
        internal Holder Before;
        internal uint Slot;
    }
}
