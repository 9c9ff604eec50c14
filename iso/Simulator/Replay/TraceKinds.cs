using System;
using System.Collections.Generic;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>Which operations each trace kind has.</summary>
public static class TraceKinds
{
    private static readonly Dictionary<string, Func<HostMachine, IOperationSet[]>> s_kinds = new()
    {
        ["e820"] = machine => [new E820Operations(machine), new EarlyResOperations(machine), new BuddyOperations(machine)],
        ["earlyres"] = machine => [new E820Operations(machine), new EarlyResOperations(machine), new BuddyOperations(machine)],
        ["bootmem"] = machine =>
        {
            BuddyOperations buddy = new(machine);
            return [new E820Operations(machine), new EarlyResOperations(machine), new BootmemOperations(machine, buddy), buddy];
        },
        ["nobootmem"] = machine =>
        {
            BuddyOperations buddy = new(machine);
            return [new E820Operations(machine), new EarlyResOperations(machine), new NoBootmemOperations(machine, buddy), buddy];
        },
        ["lmb"] = machine => [new LmbOperations(machine), new BuddyOperations(machine)],
        ["memblock"] = machine =>
        {
            BuddyOperations buddy = new(machine);
            return [new MemblockOperations(machine, buddy), buddy];
        },
        ["buddy"] = machine => [new BuddyOperations(machine)],
    };

    /// <summary>Reads the header line and makes the sets of its kind.</summary>
    /// <exception cref="BadInputException">The line is no header, or the kind or version is unknown.</exception>
    public static IOperationSet[] SetsFor(string file, int line, string header, HostMachine machine)
    {
        string[] words = header.Split(' ');
        if (words is not ["trace", { } kind, "1"] || !s_kinds.TryGetValue(kind, out Func<HostMachine, IOperationSet[]>? make))
        {
            throw new BadInputException(
                $"{file}:{line}: expected 'trace KIND 1' with KIND one of {string.Join(", ", s_kinds.Keys)}, found '{header}'");
        }

        return make(machine);
    }
}
