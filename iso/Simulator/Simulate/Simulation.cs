using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Simulate;

/// <summary>Puts into a simulated machine's memory what its firmware left there.</summary>
public unsafe delegate void MemoryPreparation(PhysicalMemory* physical);

/// <summary>Runs stages over a boot.</summary>
public unsafe delegate void StageRun(BootState* boot);

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

    /// <summary>
    /// Where the BIOS says its extended data area begins, as a segment (word 0x40e); null for the end of conventional memory in the map.
    /// </summary>
    public int? EbdaSegment { get; init; }

    /// <summary>An MP table in memory; null for none.</summary>
    public FirmwareMpTable? MpTable { get; init; }

    /// <summary>
    /// Writes into the machine's memory, after the BIOS data area was made from the map, before the stages run; null for nothing.
    /// </summary>
    public MemoryPreparation? PrepareMemory { get; init; }

    /// <summary>Runs instead of the variant's stages; null for those.</summary>
    public StageRun? Stages { get; init; }

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

/// <summary>Runs a variant's stages on a simulated machine: the same sources, the same log, on the host.</summary>
public sealed unsafe class Simulation : IDisposable
{
    private readonly HostMachine _machine = new(PcMap.AddressLimit);
    private readonly MachineFacts* _facts;
    private readonly BootState* _boot;
    private readonly HeldLog* _held;

    private Simulation()
    {
        _held = (HeldLog*)NativeMemory.AllocZeroed((nuint)sizeof(HeldLog));
        _facts = (MachineFacts*)NativeMemory.AllocZeroed((nuint)sizeof(MachineFacts));
        _boot = (BootState*)NativeMemory.AllocZeroed((nuint)sizeof(BootState));
    }

    /// <summary>The names of the variants that run here, in the order in which they are compared.</summary>
    public static IEnumerable<string> Variants => SimulatedVariant.All.Select(v => v.Name);

    /// <summary>The boot log so far, without time stamps.</summary>
    public IReadOnlyList<string> Log => _machine.Log;

    /// <summary>The panic that ended the boot, or null.</summary>
    public string? Panic { get; private set; }

    /// <summary>The stages ran to their end, and books and page allocator agree page by page.</summary>
    public bool Healthy { get; private set; }

    /// <summary>The machine's memory as the stages left it.</summary>
    public MachineMemory* Memory => _machine.Memory;

    /// <summary>The boot and its books.</summary>
    public BootState* Boot => _boot;

    /// <summary>Boots a variant over a map.</summary>
    /// <exception cref="BadInputException">There is no such variant.</exception>
    public static Simulation Run(string variant, FirmwareMap map, SimulationOptions options)
    {
        SimulatedVariant stages = SimulatedVariant.All.FirstOrDefault(v => v.Name == variant)
            ?? throw new BadInputException($"simulate: expected a variant ({string.Join(", ", Variants)}), found '{variant}'");
        Simulation simulation = new();
        simulation.TellFacts(map, options);
        simulation.WriteBiosArea(map, options);
        options.PrepareMemory?.Invoke(&simulation._machine.Memory->Physical);
        try
        {
            simulation._machine.Memory->Log.Print("bootalloc: boot variant=");
            simulation._machine.Memory->Log.Text(variant);
            simulation._machine.Memory->Log.Print(
                " toolchain=host version=0.1.0 loader=\"simulate\" cmdline=\"%q\"\n",
                (ulong)simulation._facts->CommandLine());
            simulation._boot->Init(simulation._machine.Memory, simulation._facts, &NoClock);
            if (!simulation._boot->Options.EarlyPrintk)
            {
                // Not earlier: the name above is not a literal, and the collector may move it.
                simulation._machine.Memory->Log.Hold(simulation._held);
            }

            simulation._boot->Options.Report(simulation._boot->Log, simulation._facts);
            StageRun run = options.Stages ?? stages.Run;
            run(simulation._boot);
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
        NativeMemory.Free(_held);
        NativeMemory.Free(_facts);
        NativeMemory.Free(_boot);
    }

    // A simulation is about memory, not time: all ticks are 0, so that its log repeats.
    private static ulong NoClock(ulong since) => 0;

    private void TellFacts(FirmwareMap map, SimulationOptions options)
    {
        _facts->TextStart = options.Kernel.Start;
        _facts->TextEnd = options.Kernel.End;
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
            if (entry.Type == 1 && entry.Start < PcMap.IsaHoleStart && entry.End > end)
            {
                end = entry.End < PcMap.IsaHoleStart ? entry.End : PcMap.IsaHoleStart;
            }
        }

        *(ushort*)_machine.Memory->Physical.At(PcMap.LowMemoryWord) = (ushort)(options.LowMemoryKilobytes ?? (int)(end >> 10));
        *(ushort*)_machine.Memory->Physical.At(PcMap.EbdaSegmentWord) = (ushort)(
            options.EbdaSegment ?? (int)(end < PcMap.IsaHoleStart ? end >> 4 : 0));
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
        uint fault = PageAccounts.FindFault(&_boot->Books, &Memory->Pages);
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
