using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc pack</c>: the package for other people's Cosmos kernels.</summary>
public static class PackCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("pack", "Make the NuGet package for any Cosmos kernel (needs the Cosmos kit).") { cosmos };
        command.SetAction((_, cancel) => RunAsync(new Workplace(), cancel));
        return command;
    }

    /// <summary>Makes it.</summary>
    public static async Task<int> RunAsync(Workplace place, CancellationToken cancel)
    {
        Package package = new(place.Project);
        string feed = Path.Combine(place.Project.Out, "package");
        string file = await place.Output.StepAsync(
            "pack", step => package.MakeAsync(Package.Variants(place.Project), Package.LogOutputs, feed, step.Tell, cancel));
        place.Output.Line($"{place.Project.Show(file)}: {new FileInfo(file).Length / 1024} KiB; its folder is a NuGet source");
        return ExitStatus.Done;
    }
}
