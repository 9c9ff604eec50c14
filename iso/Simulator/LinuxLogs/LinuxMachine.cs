using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;

namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>
/// A variant on the machine of a real Linux log, with that Linux's own reservations, up to the hand-over. With nobootmem our page frame
/// table lies inside what Linux reserved, so that both hand over the same pages.
/// </summary>
public sealed unsafe class LinuxMachine
{
    private const string ImageName = "TEXT DATA BSS";

    private readonly LinuxBootLog _log;
    private readonly string _variant;

    private LinuxMachine(LinuxBootLog log, string variant)
    {
        _log = log;
        _variant = variant;
    }

    /// <summary>Pages that the chain hands over, those above 4 GiB too; null for a variant without early reservations.</summary>
    public ulong? Pages { get; private set; }

    /// <summary>Boots a variant on the machine of a log.</summary>
    /// <param name="variant">Its name.</param>
    /// <param name="log">The log.</param>
    /// <param name="commandLine">Further words of our command line.</param>
    /// <param name="verdict">What is Linux's and what is not, in one line each.</param>
    /// <param name="same">False when listing or pages are not Linux's.</param>
    public static Simulation Run(string variant, LinuxBootLog log, string commandLine, out List<string> verdict, out bool same)
    {
        LinuxMachine machine = new(log, variant);
        Simulation simulation = Simulation.Run(variant, log.Map, machine.Options(commandLine));
        verdict = [];
        same = simulation.Panic == null && machine.Compare(simulation.Log, verdict);
        return simulation;
    }

    private SimulationOptions Options(string commandLine)
    {
        LoggedRange image = _log.Reservations.FirstOrDefault(r => r.Name == ImageName, _log.Reservations.MaxBy(r => r.End - r.Start));
        SimulationOptions options = new() { CommandLine = commandLine, Kernel = (image.Start, image.End) };
        return _variant switch
        {
            "nobootmem" => options with { Stages = RunNoBootmem },
            "bootmem" => options with { Stages = RunBootmem },

            // What is in the listing under any name is taken, by whole pages.
            _ => options with { Modules = [.. _log.Reservations.Where(r => r != image).Select(r => (r.Start, r.End))] },
        };
    }

    private void RunNoBootmem(BootState* boot)
    {
        E820Stage.Run(boot);
        Reserve(boot);
        boot->BeginStage();
        MachineMemory* memory = boot->Memory;
        memory->Active.Init(boot->Log);
        memory->NoBootmem.Init(boot->Log, &memory->Physical, &memory->EarlyRes, &memory->Active);
        memory->NoBootmem.RegisterActive(&memory->Map, boot->EndPfn);
        NodeLines.Print(boot, 0);
        ulong bytes = BuddyStage.PageTableBytes(boot);
        boot->PageTableAddress = PlaceInside(bytes) ?? memory->NoBootmem.Allocate(bytes, PageSize.Bytes, BuddyStage.PageTableGoal);
        boot->HandOver = &HandOverNoBootmem;
        Pages = CountFree(boot);
        BuddyStage.LogPageTable(boot, "nobootmem", boot->PageTableAddress);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
    }

    private void RunBootmem(BootState* boot)
    {
        E820Stage.Run(boot);
        Reserve(boot);
        BootmemStage.Run(boot);
        BuddyStage.Run(boot);
        HeapStage.Run(boot);
        Pages = boot->Memory->Pages.ManagedPages;
    }

    // As EarlyResStage does it, with what Linux had at the end. The bitmap is not there yet.
    private void Reserve(BootState* boot)
    {
        boot->BeginStage();
        boot->Memory->EarlyRes.Init(boot->Log, boot->Memory->Physical, &boot->Memory->Map);
        boot->Memory->EarlyRes.SetMappedEnd(boot->EndPfn);
        foreach (LoggedRange range in _log.Reservations.Where(r => r.Name != BootmemAllocator.MapName))
        {
            boot->Books.Claims.Claim(range.Start, range.End, range.Name, false);
            boot->Memory->EarlyRes.Reserve(range.Start, range.End, range.Name);
        }

        NodeLines.PrintModules(boot);
        HolderLog.LogClaims(&boot->Books, "early_res");
    }

    // In the largest of Linux's own boot allocations (its mem_map), or in its kernel image; null when neither has room.
    private ulong? PlaceInside(ulong bytes)
    {
        foreach (LoggedRange range in _log.Reservations
            .Where(r => r.Name == ImageName || r.Name.Contains("MEM", StringComparison.Ordinal))
            .OrderBy(r => r.Name == ImageName).ThenByDescending(r => r.End - r.Start))
        {
            ulong start = PageSize.PfnUp(range.Start) << PageSize.Shift;
            if (start + bytes <= range.End && range.End <= E820Map.FourGibPfn << PageSize.Shift)
            {
                return start;
            }
        }

        return null;
    }

    // A 32-bit page allocator ends at 4 GiB; the chain before it does not.
    private static ulong CountFree(BootState* boot)
    {
        ActiveRanges* active = (ActiveRanges*)NativeMemory.AllocZeroed((nuint)sizeof(ActiveRanges));
        try
        {
            active->Init(boot->Log);
            active->RegisterFromMap(&boot->Memory->Map, 0, boot->Memory->Map.MaxPfn);
            FreeRangeWalk walk = default;
            walk.Init(active, &boot->Memory->EarlyRes);
            ulong pages = 0;
            while (walk.Next(out ulong startPfn, out ulong endPfn))
            {
                pages += endPfn - startPfn;
            }

            return pages;
        }
        finally
        {
            NativeMemory.Free(active);
        }
    }

    private static void HandOverNoBootmem(BootState* boot, PageRuns* runs) => boot->Memory->NoBootmem.HandOver(runs);

    private bool Compare(IReadOnlyList<string> ours, List<string> verdict)
    {
        string linux = $"Linux {_log.Version}".TrimEnd();
        if (_log.Listing.Count == 0)
        {
            verdict.Add($"{linux} lists nothing at its hand-over; its {_log.Reservations.Count} reservations are those of its first dump");
            return true;
        }

        if (_variant != _log.Variant)
        {
            verdict.Add($"{linux} ran {_log.Variant}; with --variant {_log.Variant} its listing is compared");
            return true;
        }

        int at = 0;
        while (at < ours.Count && !ours[at].Contains(" early reservations)", StringComparison.Ordinal))
        {
            at++;
        }

        int different = -1;
        for (int i = 0; i < _log.Listing.Count && different < 0; i++)
        {
            different = at + i < ours.Count && ours[at + i].TrimEnd() == _log.Listing[i] ? -1 : i;
        }

        verdict.Add(different < 0 ? $"the hand-over's {_log.Listing.Count} lines are those of {linux}"
            : $"the hand-over's listing differs from that of {linux}: '{PastedText.Quote(_log.Listing[different])}', ours "
                + $"'{PastedText.Quote(at + different < ours.Count ? ours[at + different] : "")}'");
        return ComparePages(linux, verdict) && different < 0;
    }

    private bool ComparePages(string linux, List<string> verdict)
    {
        ulong? theirs = _log.AvailableKilobytes / 4;
        if (theirs == null)
        {
            verdict.Add($"{Pages} pages are handed over; {linux} prints no 'Memory:' line, its boot ended before");
            return true;
        }

        if (_log.ScratchListFull)
        {
            verdict.Add($"{Pages} pages are handed over; {linux} has {theirs}: its scratch list was full ('run of slot in ranges')");
            return false;
        }

        if (_variant == "bootmem")
        {
            verdict.Add($"{Pages} pages are handed over; {linux} has {theirs}: the rest are its own boot allocations, which its log does "
                + "not list");
            return Pages >= theirs;
        }

        verdict.Add(Pages == theirs ? $"{Pages} pages are handed over, as by {linux}"
            : $"{Pages} pages are handed over; {linux} has {theirs}");
        return Pages == theirs;
    }
}
