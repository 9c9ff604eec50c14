using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Replay;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>What the tests of the memory map and the early reservations share.</summary>
internal static unsafe class BootTestSupport
{
    /// <summary>A machine with an empty map, no active ranges and no reservations.</summary>
    public static HostMachine NewMachine()
    {
        HostMachine machine = new();
        MachineMemory* memory = machine.Memory;
        memory->Map.Init(&memory->Log);
        memory->Active.Init(&memory->Log);
        memory->EarlyRes.Init(&memory->Log, memory->Physical, &memory->Map);
        return machine;
    }

    /// <summary>The entries of a table.</summary>
    public static List<(ulong Start, ulong End, uint Type)> Entries(E820Table* table)
    {
        List<(ulong, ulong, uint)> entries = [];
        for (int i = 0; i < table->Count; i++)
        {
            entries.Add((table->Start(i), table->End(i), table->Type(i)));
        }

        return entries;
    }

    /// <summary>The active ranges.</summary>
    public static List<(ulong StartPfn, ulong EndPfn)> Ranges(ActiveRanges* ranges)
    {
        List<(ulong, ulong)> list = [];
        for (int i = 0; i < ranges->Count; i++)
        {
            list.Add((ranges->StartPfn(i), ranges->EndPfn(i)));
        }

        return list;
    }

    /// <summary>The reservations.</summary>
    public static List<Reservation> Reservations(EarlyReservations* table)
    {
        List<Reservation> list = [];
        byte* name = stackalloc byte[EarlyReservations.NameBufferBytes];
        for (int i = 0; i < table->Count; i++)
        {
            table->Get(i, out ulong start, out ulong end, out bool ok);
            table->CopyName(i, name);
            list.Add(
                new Reservation(
                    start,
                    end,
                    ok,
                    Encoding.Latin1.GetString(name, new Span<byte>(name, EarlyReservations.NameBufferBytes).IndexOf((byte)0))));
        }

        return list;
    }
}

/// <summary>One row of the early reservations.</summary>
internal sealed record Reservation(ulong Start, ulong End, bool Ok, string Name);
