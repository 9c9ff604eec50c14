using System.CommandLine;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Testing;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc test</c>: every test; the last line is the sum.</summary>
public static class TestCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> names = new("project") { Description = "Only these test projects, as Tool.Tests.", Arity = ArgumentArity.ZeroOrMore };
        Option<string?> filter = new("--filter") { Description = "Only tests that match, as for 'dotnet test'.", HelpName = "expression" };
        Command command = new("test", "Runs every test; the last line is 'N passed, N failed'.") { names, filter };
        command.SetAction((parsed, cancel) => RunAsync(new Workplace(), parsed.GetValue(names) ?? [], parsed.GetValue(filter), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Workplace place, string[] names, string? filter, CancellationToken cancel)
    {
        TestRun run = new(place.Project, place.Output);
        run.Find(names);
        try
        {
            await place.Machine.ProvideAsync([.. Needs.Needs.Kernel, .. Needs.Needs.Iso, .. Needs.Needs.Qemu, .. Needs.Needs.Bochs], cancel);
        }
        catch (MissingToolException error)
        {
            place.Output.Progress($"tests that need what is missing are skipped: {error.Message}");
        }

        TestTotals totals = await run.RunAsync(names, filter, cancel);
        place.Output.Line(totals.ToString());
        return totals.Good ? ExitStatus.Done : ExitStatus.Failed;
    }
}
