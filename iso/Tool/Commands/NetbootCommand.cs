using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc netboot</c>: a folder for a TFTP server, from which PCs boot over the network.</summary>
public static class NetbootCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> folder = new("folder") { Description = "The folder to make; one that an earlier call made is made again." };
        Option<string?> variant = SharedOptions.Variant("Only this variant.");
        Command command = new("netboot", "Make a folder for a TFTP server, from which PCs boot over the network.") { folder, variant };
        command.SetAction(
            (parsed, cancel) => RunAsync(new Workplace(), parsed.GetRequiredValue(folder), parsed.GetValue(variant), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Workplace place, string folder, string? variantName, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.NativeAot;
        NetbootFolder.Check(folder);
        IReadOnlyList<Variant> variants =
            variantName == null ? Variant.All(place.Project, toolchain) : [Variant.Named(place.Project, variantName, toolchain)];
        IReadOnlyList<BuiltVariant> built = await BuildCommand.BuildAsync(place, variants, toolchain, cancel);
        IReadOnlyList<string> files = await place.Output.StepAsync(
            "netboot", _ => new NetbootFolder(place.Project, place.Programs).UpdateAsync(folder, built, cancel));

        string shown = place.Project.Show(folder);
        long bytes = files.Sum(f => new FileInfo(Path.Combine(folder, f)).Length);
        place.Output.Line($"{shown}: {files.Count} files, {bytes / 1024} KiB; the card loads {TftpFolder.CoreName}");
        string note = Path.Combine(shown, NetbootFolder.NoteName);
        place.Output.Line($"how to serve it: {note}; 'run --image' with the folder tries it in QEMU");
        return ExitStatus.Done;
    }
}
