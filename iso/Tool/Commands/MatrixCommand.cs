using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Matrix;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc matrix</c>: every variant on every machine of a table.</summary>
public static class MatrixCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> machines = new("--machines")
        {
            Description = "The table of machines; by default iso/machines.matrix, which also explains how to write one.",
            HelpName = "file",
        };
        Option<bool> fresh = SharedOptions.Fresh();
        Option<string?> html = new("--html")
        {
            Description = "The report page; by default iso/out/matrix/report[-cosmos].html.",
            HelpName = "file",
        };
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("matrix", "Boot every variant on every machine of a table; a run that was stopped is resumed.")
        {
            machines, fresh, html, toolchain, cosmos,
        };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(), parsed.GetValue(machines), parsed.GetRequiredValue(toolchain), parsed.GetValue(fresh), parsed.GetValue(html),
                cancel));
        return command;
    }

    /// <summary>Runs the matrix.</summary>
    /// <returns>1 when a boot was not good.</returns>
    public static async Task<int> RunAsync(
        Workplace place, string? table, string toolchainName, bool fresh, string? html, CancellationToken cancel)
    {
        IReadOnlyList<NamedMachine> machines = NamedMachine.Load(table ?? place.Project.At("iso", "machines.matrix"));
        Toolchain toolchain = Toolchain.Named(toolchainName);
        await place.Programs.ProvideAsync([.. toolchain.Needs, .. BootImage.Needs], cancel);
        IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, Variant.All(place.Project, toolchain), toolchain, cancel);

        // An emulator all of whose machines are left out is not needed.
        IEnumerable<NamedMachine> fit = machines.Where(m => built.Any(b => Unfit.Why(b, m) == null));
        await place.Programs.ProvideAsync([.. fit.SelectMany(m => m.Machine.Emulator.Needs).Distinct()], cancel);
        string folder = Path.Combine(place.Project.Out, "matrix");
        MatrixRun run = new(place.Programs, place.Output, folder);
        long start = Environment.TickCount64;
        IReadOnlyList<MatrixBoot> boots = await run.RunAsync(built, machines, fresh, cancel);
        double seconds = (Environment.TickCount64 - start) / 1000.0;
        place.Output.Progress(string.Create(
            CultureInfo.InvariantCulture, $"matrix of {built.Count} variants and {machines.Count} machines: {seconds:0.0} s"));

        MatrixReport report = new(boots);
        report.Print(place.Output);
        string page = html ?? Path.Combine(folder, $"report{toolchain.Suffix}.html");
        await File.WriteAllTextAsync(page, report.Page(), cancel);
        foreach (MatrixBoot boot in boots.Where(b => b.Problems.Count != 0))
        {
            string log = place.Project.Show(boot.Log.Name);
            place.Output.Verdict(false, $"{boot.Machine.Name} {boot.Variant}: {string.Join("; ", boot.Problems)}; log: {log}");
        }

        int leftOut = boots.Count(b => b.LeftOut != null);
        string result = $"{boots.Count(b => b.Good)} of {boots.Count - leftOut} boots good{(leftOut == 0 ? "" : $", {leftOut} left out")}";
        place.Output.Line($"{result}; logs: {place.Project.Show(folder)}; report: {place.Project.Show(page)}");
        return boots.Any(b => b.Problems.Count != 0) ? ExitStatus.Failed : ExitStatus.Done;
    }
}
