using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Matrix;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// <c>bootalloc soak</c>: the allocators under load in QEMU for a given time. Each variant in turn boots and performs ten million mixed
/// operations (the shell's <c>stress</c>), in sequences never used before, on machines of several sizes. Every page must be free again
/// each time.
/// </summary>
public static class SoakCommand
{
    private const int DefaultMinutes = 10;
    private const int OperationsPerRound = 1_000_000;
    private const int RoundsPerBoot = 10;
    private static readonly int[] s_megabytes = [128, 32, 512, 16];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<int> minutes = new("--minutes")
        {
            Description = "How long, 1 to 1440; a boot still running then is ended.",
            HelpName = "n",
            DefaultValueFactory = _ => DefaultMinutes,
        };
        Option<string?> variant = SharedOptions.Variant("Only this variant.");
        Option<int> seed = new("--seed")
        {
            Description = "The number of the first sequence; a failure names the one to repeat.",
            HelpName = "n",
            DefaultValueFactory = _ => 1,
        };
        Option<bool> check = new("--debug") { Description = "With checked heaps: slower, but finds who overwrote what." };
        minutes.Validators.Add(result =>
        {
            // The option's own converter refuses what is not a number; this checks the range.
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && value is < 1 or > 1440)
            {
                result.AddError($"--minutes: expected 1 to 1440, found {value}");
            }
        });
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("soak", "Run the allocators under load in QEMU for a long time.") { minutes, variant, seed, check, toolchain,
            cosmos };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(),
            TimeSpan.FromMinutes(parsed.GetRequiredValue(minutes)),
            parsed.GetRequiredValue(toolchain),
            parsed.GetValue(variant),
            parsed.GetRequiredValue(seed),
            parsed.GetValue(check),
            cancel));
        return command;
    }

    /// <summary>Soaks until the time is up.</summary>
    /// <returns>0 when every round ended well.</returns>
    public static async Task<int> RunAsync(
        Workplace place, TimeSpan time, string toolchainName, string? only, int seed, bool check, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.Named(toolchainName);
        IReadOnlyList<Variant> variants = only == null
            ? [.. Variant.All(place.Project, toolchain).Where(v => !v.IsStock)]
            : [Variant.Named(place.Project, only, toolchain)];
        if (variants.Any(v => v.IsStock))
        {
            throw new BadInputException("soak: stock has none of our allocators to load; expected another variant");
        }

        long rounds = await place.Output.JobAsync("soak", async job =>
        {
            IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, variants, toolchain, cancel);
            return await LoadAsync(place, job, built, time, seed, check, cancel);
        });
        place.Output.Verdict(
            true, string.Create(CultureInfo.InvariantCulture, $"soak: {rounds} million operations, every page free again each time"));
        return ExitStatus.Done;
    }

    // Boots the variants in turn, each on the next size of machine, until the time is up; returns the rounds done.
    private static async Task<long> LoadAsync(
        Workplace place, Job job, IReadOnlyList<BuiltVariant> built, TimeSpan time, int seed, bool check, CancellationToken cancel)
    {
        ulong least = built.Max(b => b.Toolchain.HasLargeImage ? Unfit.Least(KernelFile.Read(b.Kernel)) : 0);
        int[] sizes = [.. s_megabytes.Where(m => (ulong)m * MachineOptions.MiB >= least)];
        Stopwatch clock = Stopwatch.StartNew();
        long rounds = 0;
        job.Expect(time.TotalMinutes, "minutes");
        job.Reach(0);
        for (int boot = 0; clock.Elapsed < time; boot++, seed += RoundsPerBoot)
        {
            BuiltVariant variant = built[boot % built.Count];
            int megabytes = sizes[boot / built.Count % sizes.Length];
            TimeSpan left = time - clock.Elapsed;
            using Step step = job.Begin($"{variant.Variant.Name}, {megabytes} MB");
            void Follow(string piece)
            {
                step.Follow(piece);
                job.Reach(clock.Elapsed.TotalMinutes);
            }

            BootResult result = await BootAsync(place, variant, megabytes, seed, check, left, Follow, cancel);
            int done = Rounds(result.Text, "stress: ok");
            rounds += done;
            string log = place.Project.Show(result.LogFile);
            bool over = clock.Elapsed >= time;
            IReadOnlyList<string> problems = [.. result.Problems().Where(_ => !over || result.End != BootEnd.TimedOut)];
            if (Rounds(result.Text, "stress: FAILED") != 0 || problems.Count != 0 || (!over && done != RoundsPerBoot))
            {
                string round = string.Create(
                    CultureInfo.InvariantCulture, $"round {done + 1} of {RoundsPerBoot} (stress {OperationsPerRound} {seed + done})");
                string why = string.Concat(problems.Select(p => "; " + p));
                throw new FailedException($"{variant.Variant.Name}, {megabytes} MB: {round} did not end well{why}; log: {log}");
            }

            string minutes = string.Create(
                CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalMinutes:0.0} of {time.TotalMinutes:0} minutes");
            place.Output.Progress(
                $"{variant.Variant.Name}, {megabytes} MB: {done} million operations from seed {seed}, all memory freed ({minutes})");
        }

        return rounds;
    }

    private static async Task<BootResult> BootAsync(
        Workplace place, BuiltVariant variant, int megabytes, int seed, bool check, TimeSpan left, Action<string> follow,
            CancellationToken cancel)
    {
        MachineOptions machine = new() { MemoryBytes = (ulong)megabytes << 20 };
        using TemporaryFolder work = new();
        BootSource source = await BootSource.MakeAsync(
            place.Programs, machine.Medium, variant.Kernel, new BootEntry(BootProtocol.Multiboot2, check ? "debug" : "", null), work,
                cancel);
        BootRequest request = new()
        {
            Machine = machine,
            Source = source,
            LogFile = Path.Combine(place.Project.Out, $"soak-{variant.FileName}.log"),
            Commands =
            [
                .. Enumerable.Range(seed, RoundsPerBoot)
                    .Select(s => string.Create(CultureInfo.InvariantCulture, $"stress {OperationsPerRound} {s}")),
            ],
            TimeLimit = left + TimeSpan.FromSeconds(1),
            Live = follow,
        };
        return await new BootSession(place.Programs).RunAsync(request, cancel);
    }

    private static int Rounds(string text, string line) => text.Split('\n').Count(l => l == line);
}
