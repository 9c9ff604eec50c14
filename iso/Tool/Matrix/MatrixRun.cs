using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>A boot of the matrix.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Variant">What.</param>
/// <param name="Log">Its log.</param>
/// <param name="Problems">What is wrong with it; empty for a good boot.</param>
/// <param name="LeftOut">Why there was no boot (<see cref="Unfit"/>); null when there was one.</param>
public sealed record MatrixBoot(MatrixMachine Machine, string Variant, BootLog Log, IReadOnlyList<string> Problems, string? LeftOut = null)
{
    /// <summary>It booted, and well.</summary>
    public bool Good => LeftOut == null && Problems.Count == 0;

    /// <summary>A place in the matrix without a boot.</summary>
    public static MatrixBoot Without(MatrixMachine machine, string variant, string reason)
        => new(machine, variant, BootLog.Parse($"{machine.Name}, {variant}", ""), [], reason);
}

/// <summary>
/// Boots every variant on every machine of a table, as many at once as there are processors. Each finished boot is kept as a log and the
/// fingerprint of what it was a boot of (kernel and line of the table): a later run takes it as it is, so a run can be stopped and taken up again,
/// and a new line in the table costs just its own boots.
/// </summary>
/// <param name="place">The work tree, the machine, the output.</param>
/// <param name="folder">Where results are kept.</param>
public sealed class MatrixRun(Workplace place, string folder)
{
    private const string Recipe = "matrix 1";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_cosmosLimit = TimeSpan.FromSeconds(300);

    /// <summary>Boots that were taken from an earlier run.</summary>
    public int Kept { get; private set; }

    /// <summary>Boots what is missing.</summary>
    /// <param name="variants">Built.</param>
    /// <param name="machines">The table.</param>
    /// <param name="fresh">Boot everything, whatever is there.</param>
    /// <param name="cancel">Ends the emulators; what is finished stays.</param>
    /// <returns>In the order of machines, and in each of variants.</returns>
    public async Task<IReadOnlyList<MatrixBoot>> RunAsync(IReadOnlyList<BuiltVariant> variants, IReadOnlyList<MatrixMachine> machines, bool fresh, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(folder, "matrix.lock"), cancel);
        MatrixBoot?[] boots = new MatrixBoot?[machines.Count * variants.Count];
        List<int> missing = [];
        for (int i = 0; i < boots.Length; i++)
        {
            (BuiltVariant variant, MatrixMachine machine) = (variants[i % variants.Count], machines[i / variants.Count]);
            boots[i] = Unfit.Why(variant, machine) is { } reason ? MatrixBoot.Without(machine, variant.Variant.Name, reason)
                : fresh ? null
                : Find(variant, machine);
            if (boots[i] == null)
            {
                missing.Add(i);
            }
        }

        int possible = boots.Count(b => b?.LeftOut == null);
        Kept = possible - missing.Count;
        if (Kept != 0)
        {
            place.Output.Progress($"matrix: {Kept} of {possible} boots are there already, {missing.Count} to do");
        }

        // The longest first, so that no processor waits for one at the end.
        missing.Sort((a, b) => Weight(machines[b / variants.Count]).CompareTo(Weight(machines[a / variants.Count])));
        int done = Kept;
        ParallelOptions limit = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        await Parallel.ForEachAsync(missing, limit, async (i, stop) =>
        {
            Stopwatch clock = Stopwatch.StartNew();
            MatrixBoot boot = await BootAsync(variants[i % variants.Count], machines[i / variants.Count], stop);
            boots[i] = boot;
            string result = boot.Problems.Count == 0 ? "good boot" : string.Join("; ", boot.Problems);
            place.Output.Progress(string.Create(CultureInfo.InvariantCulture, $"[{Interlocked.Increment(ref done)}/{possible}] {boot.Machine.Name} {boot.Variant}: {result}, {clock.Elapsed.TotalSeconds:0.0} s"));
        });
        return [.. boots.Select(b => b!)];
    }

    /// <summary>The machine as a toolchain's kernels can boot on it: QEMU's own loader knows multiboot 1 only, a Cosmos kernel 2 only, so there GRUB loads it from CD.</summary>
    public static MachineOptions Bootable(Toolchain toolchain, MachineOptions machine)
        => toolchain == Toolchain.Cosmos && machine.Medium == BootMedium.Kernel ? machine with { Medium = BootMedium.Cd } : machine;

    /// <summary>Where the log of a boot is kept: each toolchain's under its own name.</summary>
    public static string LogName(BuiltVariant variant, MatrixMachine machine) => $"{machine.Name}@{variant.Variant.Name}{variant.Toolchain.Suffix()}.log";

    private static ulong Weight(MatrixMachine machine) => machine.Machine.MemoryBytes + (machine.Machine.Emulator == EmulatorKind.Bochs ? 64UL << 30 : 0);

    private MatrixBoot? Find(BuiltVariant variant, MatrixMachine machine)
    {
        (string log, string stamp) = Files(variant, machine);
        if (!File.Exists(log) || !File.Exists(stamp) || File.ReadAllText(stamp) != Inputs(variant, machine))
        {
            return null;
        }

        BootLog read = BootLog.Parse(log, File.ReadAllText(log, System.Text.Encoding.Latin1));
        return read.Ended ? new MatrixBoot(machine, variant.Variant.Name, read, BootLogChecks.Check(read)) : null;
    }

    private async Task<MatrixBoot> BootAsync(BuiltVariant variant, MatrixMachine machine, CancellationToken cancel)
    {
        (string log, string stamp) = Files(variant, machine);
        File.Delete(stamp);
        using TemporaryFolder work = new();
        MachineOptions options = Bootable(variant.Toolchain, machine.Machine);
        BootEntry entry = new(options.Medium == BootMedium.Kernel ? BootProtocol.Multiboot1 : BootProtocol.Multiboot2, $"{machine.Options} poweroff".Trim(), null);
        BootSource source = await BootSource.MakeAsync(place.Machine, options.Medium, variant.Kernel, entry, work, cancel);
        BootResult result = await new BootSession(place.Machine).RunAsync(
            new BootRequest { Machine = options, Source = source, LogFile = log, TimeLimit = variant.Toolchain == Toolchain.Cosmos ? s_cosmosLimit : s_limit }, cancel);
        if (result.Log.Ended)
        {
            await File.WriteAllTextAsync(stamp, Inputs(variant, machine), cancel);
        }

        return new MatrixBoot(machine, variant.Variant.Name, result.Log, result.Problems());
    }

    private (string Log, string Stamp) Files(BuiltVariant variant, MatrixMachine machine)
    {
        string log = Path.Combine(folder, LogName(variant, machine));
        return (log, log + ".inputs");
    }

    private string Inputs(BuiltVariant variant, MatrixMachine machine)
    {
        using Fingerprint inputs = new();
        return inputs.Add("recipe", Recipe).Add("machine", machine.Text).AddFile(place.Project.Root, variant.Kernel).Value();
    }
}
