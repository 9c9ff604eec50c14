using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Memory.Memblock;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>
/// Performs what a real Linux reported with memblock=debug with our memblock, and compares every address that it allocated: the request
/// is one line, and the reservation that follows it has the address.
/// </summary>
public sealed unsafe class MemblockWitness
{
    // First address that the simulated memory does not have.
    private const ulong ReachEnd = 1UL << 40;

    private readonly MemblockLog _log;
    private readonly MemblockAllocator* _memblock;

    private MemblockWitness(MemblockLog log, HostMachine machine)
    {
        _log = log;
        _memblock = &machine.Memory->Memblock;
        _memblock->Init(&machine.Memory->Log, &machine.Memory->Physical, ReachEnd);
    }

    /// <summary>Allocations compared.</summary>
    public int Compared { get; private set; }

    /// <summary>Allocations with Linux's address.</summary>
    public int Same { get; private set; }

    /// <summary>The first difference, one line that names file and lines; null for none.</summary>
    public string? Difference { get; private set; }

    /// <summary>Performs a log up to its end or the first difference.</summary>
    /// <param name="log">The log.</param>
    /// <param name="output">Receives one line for each result.</param>
    /// <returns>False when an address differs.</returns>
    public static bool Replay(MemblockLog log, TextWriter output)
    {
        using HostMachine machine = new(ReachEnd);
        MemblockWitness witness = new(log, machine);
        try
        {
            witness.Run();
        }
        catch (KernelPanicException panic)
        {
            witness.Difference ??= $"{log.File}: we panic where Linux went on: {panic.Message}";
        }

        string linux = log.Version.Length == 0 ? "Linux" : $"Linux {log.Version}";
        if (witness.Difference != null)
        {
            output.Write($"{witness.Difference}\n");
        }

        output.Write($"{log.File}: {witness.Same} of {log.Lines.FindAll(l => l.IsAllocation).Count} allocations as {linux} made them\n");
        return witness.Difference == null;
    }

    private void Run()
    {
        // Linux lets its lists grow before it fills them.
        _memblock->AllowResize();
        _memblock->SetLimit(_log.Limit);
        List<MemblockLine> lines = _log.Lines;
        for (int i = 0; i < lines.Count && Difference == null; i++)
        {
            MemblockLine line = lines[i];
            if (line.IsAllocation)
            {
                Compare(line, i + 1 < lines.Count ? lines[i + 1] : null);
                i += Difference == null && Answers(line, i + 1 < lines.Count ? lines[i + 1] : null) ? 1 : 0;
            }
            else
            {
                Perform(line);
            }
        }
    }

    private void Perform(MemblockLine line)
    {
        switch (line.Action)
        {
            case MemblockAction.Add:
                _memblock->Add(line.Start, line.Size);
                Mark(line);
                break;
            case MemblockAction.Remove:
                _memblock->Remove(line.Start, line.Size);
                break;
            case MemblockAction.Reserve:
                _memblock->Reserve(line.Start, line.Size);
                break;
            case MemblockAction.Free:
                _memblock->Free(line.Start, line.Size);
                break;
            case MemblockAction.Doubled:
                CheckDoubled(line);
                break;
        }
    }

    private void Mark(MemblockLine line)
    {
        if ((line.Flags & MemblockFlags.Hotplug) != 0)
        {
            MemblockTraces.MarkHotplug(ref *_memblock, line.Start, line.Size);
        }

        if ((line.Flags & MemblockFlags.Mirror) != 0)
        {
            MemblockTraces.MarkMirror(ref *_memblock, line.Start, line.Size);
        }

        if ((line.Flags & MemblockFlags.Nomap) != 0)
        {
            MemblockTraces.MarkNomap(ref *_memblock, line.Start, line.Size);
        }
    }

    private void Compare(MemblockLine line, MemblockLine? next)
    {
        ulong ours = line.Action == MemblockAction.AllocTry
            ? _memblock->AllocTry(line.Size, line.Align, line.Start, line.Max)
            : _memblock->Alloc(line.Size, line.Align, line.Start, line.Max);
        bool answered = Answers(line, next);
        ulong linux = answered ? next!.Value.Start : PhysicalAddress.None;
        Compared++;
        if (ours == linux)
        {
            Same++;
            return;
        }

        string where = answered ? $" (line {next!.Value.Number})" : " (no memblock_reserve follows)";
        Difference = $"{_log.File}:{line.Number}: {line.Name} of {line.Size} bytes, align=0x{line.Align:x}: Linux got {Address(linux)}"
            + $"{where}, we get {Address(ours)}";
    }

    private void CheckDoubled(MemblockLine line)
    {
        uint entries = line.Name == "memory" ? _memblock->MemoryCapacity : _memblock->ReservedCapacity;
        if (entries != line.Align || !MemblockTraces.IsReserved(ref *_memblock, line.Start)
            || !MemblockTraces.IsReserved(ref *_memblock, line.Start + line.Size - 1))
        {
            Difference = $"{_log.File}:{line.Number}: Linux's list '{line.Name}' moved to 0x{line.Start:x} and has {line.Align} entries, "
                + $"ours has {entries} and does not lie there";
        }
    }

    private static bool Answers(MemblockLine request, MemblockLine? next)
        => next is { Action: MemblockAction.Reserve } answer && answer.Size == request.Size;

    private static string Address(ulong address) => address == PhysicalAddress.None ? "nothing" : $"0x{address:x}";
}
