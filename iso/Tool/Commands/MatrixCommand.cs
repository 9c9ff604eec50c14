using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Matrix;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc matrix</c>: every variant on every machine of a table.</summary>
public static class MatrixCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> machines = new("--machines") { Description = "The table of machines; else iso/machines.matrix, which also says how to write one.", HelpName = "file" };
        Option<bool> fresh = new("--fresh") { Description = "Boot everything again, also what is there from an earlier run." };
        Option<string?> html = new("--html") { Description = "Where the report page goes; else iso/out/matrix/report[-cosmos].html.", HelpName = "file" };
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("matrix", "Boots every variant on every machine of a table; stopped and started again it goes on where it was.") { machines, fresh, html, toolchain, cosmos };
        command.SetAction((parsed, cancel) => RunAsync(
            new Workplace(), parsed.GetValue(machines), parsed.GetRequiredValue(toolchain), parsed.GetValue(fresh), parsed.GetValue(html), cancel));
        return command;
    }

    /// <summary>Runs the matrix.</summary>
    /// <returns>1 when a boot was not good.</returns>
    public static async Task<int> RunAsync(Workplace place, string? table, string toolchainName, bool fresh, string? html, CancellationToken cancel)
    {
        IReadOnlyList<MatrixMachine> machines = MatrixMachine.Load(table ?? place.Project.At("iso", "machines.matrix"));
        Toolchain toolchain = SharedOptions.ReadToolchain(toolchainName);
        await place.Machine.ProvideAsync([.. Needs.Needs.Of(toolchain), .. Needs.Needs.Iso], cancel);
        IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, Variant.All(place.Project, toolchain), toolchain, cancel);

        // An emulator of which every machine is left out is not asked for.
        List<Needs.Need> needs = [];
        foreach (EmulatorKind emulator in machines.Where(m => built.Any(b => Unfit.Why(b, m) == null)).Select(m => m.Machine.Emulator).Distinct())
        {
            needs.AddRange(emulator == EmulatorKind.Qemu ? Needs.Needs.Qemu : Needs.Needs.Bochs);
        }

        await place.Machine.ProvideAsync(needs, cancel);
        string folder = Path.Combine(place.Project.Out, "matrix");
        MatrixRun run = new(place, folder);
        IReadOnlyList<MatrixBoot> boots = await place.Output.DoAsync(
            $"matrix of {built.Count} variants and {machines.Count} machines", () => run.RunAsync(built, machines, fresh, cancel));

        MatrixReport report = new(boots);
        report.Print(place.Output);
        string page = html ?? Path.Combine(folder, $"report{toolchain.Suffix()}.html");
        await File.WriteAllTextAsync(page, report.Page(), cancel);
        foreach (MatrixBoot boot in boots.Where(b => b.Problems.Count != 0))
        {
            place.Output.Verdict(false, $"{boot.Machine.Name} {boot.Variant}: {string.Join("; ", boot.Problems)}; log: {place.Project.Show(boot.Log.Name)}");
        }

        int leftOut = boots.Count(b => b.LeftOut != null);
        place.Output.Line($"{boots.Count(b => b.Good)} of {boots.Count - leftOut} boots good{(leftOut == 0 ? "" : $", {leftOut} left out")}; logs: {place.Project.Show(folder)}; report: {place.Project.Show(page)}");
        return boots.Any(b => b.Problems.Count != 0) ? ExitStatus.Failed : ExitStatus.Done;
    }
}
