using System;
using System.Collections.Generic;
using System.Text;
using CosmosBootAlloc.Configs;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Simulate;

/// <summary>Puts into a simulated machine's memory what its firmware left there.</summary>
public unsafe delegate void MemoryPreparation(PhysicalMemory* physical);

/// <summary>What a simulated boot starts from, beside the map.</summary>
public sealed record SimulationOptions
{
    /// <summary>Where the kernel image lies, bytes, half-open; by default where and how large the real one is, roughly.</summary>
    public (ulong Start, ulong End) Kernel { get; init; } = (0x100000, 0x140000);

    /// <summary>Boot modules, bytes, half-open.</summary>
    public IReadOnlyList<(ulong Start, ulong End)> Modules { get; init; } = [];

    /// <summary>The kernel command line.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>What the BIOS says about conventional memory (word 0x413); null for what the map says.</summary>
    public int? LowMemoryKilobytes { get; init; }

    /// <summary>Where the BIOS says its extended data area begins, as a segment (word 0x40e); null for the end of conventional memory in the map.</summary>
    public int? EbdaSegment { get; init; }

    /// <summary>An MP table in memory; null for none.</summary>
    public FirmwareMpTable? MpTable { get; init; }

    /// <summary>Holds the log until the chain has run, as the kernel does; else each line is written as it comes, as with <c>earlyprintk</c>.</summary>
    public bool HoldLog { get; init; }

    /// <summary>Writes into the machine's memory, after the BIOS data area was made from the map, before the chain runs; null for nothing.</summary>
    public MemoryPreparation? PrepareMemory { get; init; }

    /// <summary>These options, with kernel, modules and extended BIOS data area where a boot log of this kernel reports them.</summary>
    public SimulationOptions From(FirmwareMap map)
    {
        SimulationOptions options = this;
        foreach (LoggedRange range in map.Taken)
        {
            options = range.Name switch
            {
                "TEXT DATA BSS" => options with { Kernel = (range.Start, range.End) },
                "RAMDISK" => options with { Modules = [.. options.Modules, (range.Start, range.End)] },
                _ => options with { EbdaSegment = (int)(range.Start >> 4) },
            };
        }

        return options;
    }
}

/// <summary>Runs a variant's chain on a simulated machine: the same sources, the same log, on the host.</summary>
public sealed unsafe class Simulation : IDisposable
{
    private const ulong BiosLowMemoryWord = 0x413;
    private const ulong BiosEbdaWord = 0x40e;
    private const ulong LowMemoryEnd = 0xa0000;

    private static readonly Dictionary<string, nint> s_chains = new()
    {
        [BootmemVariant.Name] = (nint)(delegate*<BootState*, void>)&BootmemVariant.Run,
        [NoBootmemVariant.Name] = (nint)(delegate*<BootState*, void>)&NoBootmemVariant.Run,
        [LmbVariant.Name] = (nint)(delegate*<BootState*, void>)&LmbVariant.Run,
        [MemblockVariant.Name] = (nint)(delegate*<BootState*, void>)&MemblockVariant.Run,
    };

    private readonly HostMachine _machine = new(UsableRam.AddressLimit);
    private readonly MachineFacts* _facts;
    private readonly BootState* _boot;
    private readonly HeldLog* _held;

    private Simulation()
    {
        _held = (HeldLog*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(HeldLog));
        _facts = (MachineFacts*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(MachineFacts));
        _boot = (BootState*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(BootState));
    }

    /// <summary>The variants whose chains run here, in the order they are compared.</summary>
    public static IEnumerable<string> Variants => s_chains.Keys;

    /// <summary>The boot log so far, without time stamps.</summary>
    public IReadOnlyList<string> Log => _machine.Log;

    /// <summary>The panic that ended the boot, or null.</summary>
    public string? Panic { get; private set; }

    /// <summary>The chain ran to its end, and books and page allocator agree page by page.</summary>
    public bool Healthy { get; private set; }

    /// <summary>The log was still held when the chain had run.</summary>
    public bool HeldToTheEnd { get; private set; }

    /// <summary>The machine's memory as the chain left it.</summary>
    public MachineMemory* Memory => _machine.Memory;

    /// <summary>The boot and its books.</summary>
    public BootState* Boot => _boot;

    /// <summary>Boots a variant over a map.</summary>
    /// <exception cref="BadInputException">There is no such variant.</exception>
    public static Simulation Run(string variant, FirmwareMap map, SimulationOptions options)
    {
        if (!s_chains.TryGetValue(variant, out nint chain))
        {
            throw new BadInputException($"simulate: expected a variant ({string.Join(", ", Variants)}), found '{variant}'");
        }

        Simulation simulation = new();
        simulation.TellFacts(map, options);
        simulation.WriteBiosArea(map, options);
        options.PrepareMemory?.Invoke(&simulation._machine.Memory->Physical);
        try
        {
            simulation._machine.Memory->Log.Print("bootalloc: boot variant=");
            simulation._machine.Memory->Log.Text(variant);
            simulation._machine.Memory->Log.Print(" toolchain=host version=0.1.0 loader=\"simulate\" cmdline=\"%s\"\n", (ulong)simulation._facts->CommandLine());
            if (options.HoldLog)
            {
                // Not before: the variant's name above is no literal, and the collector may move it.
                simulation._machine.Memory->Log.Hold(simulation._held);
            }

            simulation._boot->Init(simulation._machine.Memory, simulation._facts, &NoClock);
            simulation._boot->Options.ReportUnknown(simulation._boot->Log);
            ((delegate*<BootState*, void>)chain)(simulation._boot);
            simulation.HeldToTheEnd = simulation._boot->Log->IsHeld;
            simulation._boot->Log->Release();
            simulation.Check();
        }
        catch (KernelPanicException panic)
        {
            simulation.Panic = panic.Message;
            simulation._machine.Log.Add("Kernel panic - not syncing: " + panic.Message);
            simulation._machine.Log.Add($"bootalloc: panic message=\"{panic.Message.Replace('"', '\'')}\"");
        }

        return simulation;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _machine.Dispose();
        System.Runtime.InteropServices.NativeMemory.Free(_held);
        System.Runtime.InteropServices.NativeMemory.Free(_facts);
        System.Runtime.InteropServices.NativeMemory.Free(_boot);
    }

    // A simulation is about memory, not time: all ticks are 0, so that its log repeats.
    private static ulong NoClock(ulong since) => 0;

    private void TellFacts(FirmwareMap map, SimulationOptions options)
    {
        _facts->TextStart = options.Kernel.Start;
        _facts->TextEnd = options.Kernel.End;
        _facts->DataEnd = options.Kernel.End;
        _facts->ImageEnd = options.Kernel.End;
        foreach (FirmwareEntry entry in map.Entries)
        {
            _facts->AddMapEntry(entry.Start, entry.End - entry.Start, entry.Type);
        }

        foreach ((ulong start, ulong end) in options.Modules)
        {
            _facts->AddRange(start, end, "RAMDISK");
        }

        string line = map.Options.Length == 0 ? options.CommandLine : $"{map.Options} {options.CommandLine}".TrimEnd();
        byte[] bytes = Encoding.Latin1.GetBytes(line + "\0");
        fixed (byte* text = bytes)
        {
            _facts->SetCommandLine(text);
        }
    }

    // What a PC's BIOS would have written: where low memory ends and the EBDA begins.
    private void WriteBiosArea(FirmwareMap map, SimulationOptions options)
    {
        ulong end = 0;
        foreach (FirmwareEntry entry in map.Entries)
        {
            if (entry.Type == 1 && entry.Start < LowMemoryEnd && entry.End > end)
            {
                end = entry.End < LowMemoryEnd ? entry.End : LowMemoryEnd;
            }
        }

        *(ushort*)_machine.Memory->Physical.At(BiosLowMemoryWord) = (ushort)(options.LowMemoryKilobytes ?? (int)(end >> 10));
        *(ushort*)_machine.Memory->Physical.At(BiosEbdaWord) = (ushort)(options.EbdaSegment ?? (int)(end < LowMemoryEnd ? end >> 4 : 0));
        if (options.MpTable is { } table)
        {
            Write(table.Pointer, table.PointerBytes());
            Write(table.Configuration, table.ConfigurationBytes());
        }
    }

    private void Write(ulong address, byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            *_machine.Memory->Physical.At(address + (ulong)i) = bytes[i];
        }
    }

    private void Check()
    {
        uint fault = Accounts.FindFault(_boot);
        uint lists = Memory->Pages.FindFault();
        uint failed = (fault != PageAllocator.None ? 1u : 0) + (lists != PageAllocator.None ? 1u : 0);
        Healthy = failed == 0;
        if (fault != PageAllocator.None)
        {
            Memory->Log.Print("selftest: FAIL page %x is claimed and free, or neither\n", fault);
        }

        if (lists != PageAllocator.None)
        {
            Memory->Log.Print("selftest: FAIL the page allocator's lists disagree at page %x\n", lists);
        }

        Memory->Log.Print("bootalloc: selftest passed=%d failed=%d\n", 2 - failed, failed);
        Memory->Log.Text(failed == 0 ? "bootalloc: done status=ok" : "bootalloc: done status=failed");
        Memory->Log.Print(" total_ticks=0\n");
    }
}
