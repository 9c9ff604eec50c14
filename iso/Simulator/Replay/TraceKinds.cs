using System;
using System.Collections.Generic;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>Which operations each trace kind has.</summary>
public static class TraceKinds
{
    private static readonly Dictionary<string, Func<Parts, IOperationSet[]>> s_kinds = new()
    {
        ["e820"] = p => [p.E820(), p.EarlyRes(), p.Buddy],
        ["earlyres"] = p => [p.E820(), p.EarlyRes(), p.Buddy],
        ["bootmem"] = p => [p.E820(), p.EarlyRes(), new BootmemOperations(p.Machine, p.Buddy, p.Limits), p.Buddy],
        ["nobootmem"] = p => [p.E820(), p.EarlyRes(), new NoBootmemOperations(p.Machine, p.Buddy, p.Limits), p.Buddy],
        ["lmb"] = p => [new LmbOperations(p.Machine), p.Buddy],
        ["memblock"] = p => [new MemblockOperations(p.Machine, p.Buddy), p.Buddy],
        ["buddy"] = p => [p.Buddy],
    };

    /// <summary>Reads the header line and makes the sets of its kind.</summary>
    /// <exception cref="BadInputException">The line is no header, or the kind or version is unknown.</exception>
    public static IOperationSet[] SetsFor(string file, int line, string header, HostMachine machine)
    {
        string[] words = header.Split(' ');
        if (words is not ["trace", { } kind, "1"] || !s_kinds.TryGetValue(kind, out Func<Parts, IOperationSet[]>? make))
        {
            throw new BadInputException(
                $"{file}:{line}: expected 'trace KIND 1' with KIND one of {string.Join(", ", s_kinds.Keys)}, found "
                    + $"'{PastedText.Quote(header)}'");
        }

        return make(new Parts(machine));
    }

    // What the sets of one trace share.
    private sealed class Parts
    {
        internal Parts(HostMachine machine)
        {
            Machine = machine;
            Limits = new TraceMemory(machine);
            Buddy = new BuddyOperations(machine, Limits);
        }

        internal HostMachine Machine { get; }

        internal TraceMemory Limits { get; }

        internal BuddyOperations Buddy { get; }

        internal E820Operations E820() => new(Machine);

        internal EarlyResOperations EarlyRes() => new(Machine, Limits);
    }
}
