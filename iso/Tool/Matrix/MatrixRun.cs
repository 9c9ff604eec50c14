using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>A boot of the matrix.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Variant">The variant's name.</param>
/// <param name="Log">The log.</param>
/// <param name="Problems">What is wrong with the boot; empty for a good one.</param>
/// <param name="LeftOut">Why there was no boot (<see cref="Unfit"/>); null when there was one.</param>
public sealed record MatrixBoot(NamedMachine Machine, string Variant, BootLog Log, IReadOnlyList<string> Problems, string? LeftOut = null)
{
    /// <summary>The machine booted, and the boot was good.</summary>
    public bool Good => LeftOut == null && Problems.Count == 0;

    /// <summary>A place in the matrix without a boot.</summary>
    public static MatrixBoot Without(NamedMachine machine, string variant, string reason)
        => new(machine, variant, BootLog.Parse($"{machine.Name}, {variant}", ""), [], reason);
}

/// <summary>
/// Boots every variant on every machine of a table, as many at once as there are processors. Each finished boot is kept as a log with the
/// fingerprint of what it was a boot of (kernel, line of the table, and emulator) and of the log itself. A later run reuses it, so a run
/// can be stopped and resumed, and a new line in the table costs only its own boots.
/// </summary>
/// <param name="programs">What is installed.</param>
/// <param name="output">Shows the progress.</param>
/// <param name="folder">Where results are kept.</param>
public sealed class MatrixRun(InstalledPrograms programs, Output output, string folder)
{
    private const string Recipe = "matrix 2";

    /// <summary>Boots reused from an earlier run.</summary>
    public int Kept { get; private set; }

    /// <summary>Does the boots that are missing.</summary>
    /// <param name="variants">Built variants.</param>
    /// <param name="machines">The table.</param>
    /// <param name="fresh">Repeat every boot, whatever was kept.</param>
    /// <param name="cancel">Ends the emulators; finished boots are kept.</param>
    /// <returns>Ordered by machine, then by variant.</returns>
    public Task<IReadOnlyList<MatrixBoot>> RunAsync(
        IReadOnlyList<BuiltVariant> variants, IReadOnlyList<NamedMachine> machines, bool fresh, CancellationToken cancel)
        => output.JobAsync("matrix", job => RunAsync(job, variants, machines, fresh, cancel));

    private async Task<IReadOnlyList<MatrixBoot>> RunAsync(
        Job job, IReadOnlyList<BuiltVariant> variants, IReadOnlyList<NamedMachine> machines, bool fresh, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(folder, "matrix.lock"), cancel);
        MatrixBoot?[] boots = new MatrixBoot?[machines.Count * variants.Count];
        List<int> missing = [];
        for (int i = 0; i < boots.Length; i++)
        {
            (BuiltVariant variant, NamedMachine machine) = (variants[i % variants.Count], machines[i / variants.Count]);
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
        job.Expect(possible, "boots");
        job.Reach(Kept);
        if (Kept != 0)
        {
            output.Progress($"matrix: {Kept} of {possible} boots are there already, {missing.Count} to do");
        }

        // The longest first, so that no processor is left waiting for one at the end.
        missing.Sort((a, b) => Weight(machines[b / variants.Count]).CompareTo(Weight(machines[a / variants.Count])));
        int done = Kept;
        ParallelOptions limit = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel };
        await Parallel.ForEachAsync(missing, limit, async (i, stop) =>
        {
            Stopwatch clock = Stopwatch.StartNew();
            MatrixBoot boot = await BootAsync(job, variants[i % variants.Count], machines[i / variants.Count], stop);
            boots[i] = boot;
            job.Advance();
            string result = boot.Problems.Count == 0 ? "good boot" : string.Join("; ", boot.Problems);
            string count = $"{Interlocked.Increment(ref done)}/{possible}";
            output.Progress(string.Create(
                CultureInfo.InvariantCulture, $"[{count}] {boot.Machine.Name} {boot.Variant}: {result}, {clock.Elapsed.TotalSeconds:0.0} "
                    + $"s"));
        });
        return [.. boots.Select(b => b!)];
    }

    /// <summary>
    /// The machine in the form that a toolchain's kernels can boot on: QEMU's own loader knows multiboot 1 only, so a kernel without that
    /// header is loaded by GRUB from a CD.
    /// </summary>
    public static MachineOptions Bootable(Toolchain toolchain, MachineOptions machine)
        => !toolchain.HasMultiboot1 && machine.Medium == BootMedium.Kernel ? machine with { Medium = BootMedium.Cd } : machine;

    /// <summary>The file name of a boot's log: each toolchain's has its own.</summary>
    public static string LogName(BuiltVariant variant, NamedMachine machine) => $"{machine.Name}@{variant.FileName}.log";

    private static (bool IsSlow, ulong Memory) Weight(NamedMachine machine)
        => (machine.Machine.Emulator.Can.IsSlow, machine.Machine.MemoryBytes);

    private MatrixBoot? Find(BuiltVariant variant, NamedMachine machine)
    {
        (string log, string stamp) = Files(variant, machine);
        if (!File.Exists(log) || !File.Exists(stamp) || File.ReadAllText(stamp) != Inputs(variant, machine, log))
        {
            return null;
        }

        BootLog read = BootLog.Parse(log, File.ReadAllText(log, Encoding.Latin1));
        return read.Ended ? new MatrixBoot(machine, variant.Variant.Name, read, BootLogChecks.Check(read)) : null;
    }

    private async Task<MatrixBoot> BootAsync(Job job, BuiltVariant variant, NamedMachine machine, CancellationToken cancel)
    {
        (string log, string stamp) = Files(variant, machine);
        File.Delete(stamp);
        using Step step = job.Begin($"{machine.Name} {variant.Variant.Name}");
        using TemporaryFolder work = new();
        MachineOptions options = Bootable(variant.Toolchain, machine.Machine);
        BootProtocol protocol = options.Medium == BootMedium.Kernel ? BootProtocol.Multiboot1 : BootProtocol.Multiboot2;
        BootEntry entry = new(protocol, $"{machine.KernelOptions} poweroff".Trim(), null);
        BootRequest request = new()
        {
            Machine = options,
            Source = await BootSource.MakeAsync(programs, options.Medium, variant.Kernel, entry, work, cancel),
            LogFile = log,
            TimeLimit = variant.Toolchain.BootLimit,
            Live = step.Follow,
        };
        BootResult result = await new BootSession(programs).RunAsync(request, cancel);
        if (result.Log.Ended)
        {
            await File.WriteAllTextAsync(stamp, Inputs(variant, machine, log), cancel);
        }

        return new MatrixBoot(machine, variant.Variant.Name, result.Log, result.Problems());
    }

    private (string Log, string Stamp) Files(BuiltVariant variant, NamedMachine machine)
    {
        string log = Path.Combine(folder, LogName(variant, machine));
        return (log, log + ".inputs");
    }

    private string Inputs(BuiltVariant variant, NamedMachine machine, string log)
    {
        using Fingerprint inputs = new();
        inputs.Add("recipe", Recipe).Add("machine", machine.Text);
        KeptBoots.AddTo(inputs, machine.Machine.Emulator, programs);
        return inputs.AddFile(Path.GetDirectoryName(variant.Kernel)!, variant.Kernel).AddFile(folder, log).Value();
    }
}
