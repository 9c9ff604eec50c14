using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc build</c>: kernels and images.</summary>
public static class BuildCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string?> variant = SharedOptions.Variant("Only this variant.");
        Option<string> toolchain = SharedOptions.Toolchain();
        Option<string?> cosmos = SharedOptions.Cosmos();
        Command command = new("build", "Builds kernels and bootable images into iso/out.") { variant, toolchain, cosmos };
        command.SetAction((parsed, cancel) => RunAsync(new Workplace(), parsed.GetValue(variant), parsed.GetRequiredValue(toolchain), cancel));
        return command;
    }

    /// <summary>Builds one variant, or all.</summary>
    public static async Task<int> RunAsync(Workplace place, string? variantName, string toolchainName, CancellationToken cancel)
    {
        Toolchain toolchain = SharedOptions.ReadToolchain(toolchainName);
        IReadOnlyList<Variant> variants =
            variantName == null ? Variant.All(place.Project, toolchain) : [Variant.Named(place.Project, variantName, toolchain)];
        foreach (BuiltVariant built in await BuildAsync(place, variants, toolchain, cancel))
        {
            long kernel = new FileInfo(built.Kernel).Length / 1024;
            long image = new FileInfo(built.Iso).Length / 1024;
            place.Output.Line($"{place.Project.Show(built.Iso)}: {image} KiB, kernel {kernel} KiB{(built.Made ? "" : ", nothing changed")}");
            if (built.GrubImage is { } grub)
            {
                place.Output.Line($"{place.Project.Show(grub)}: {new FileInfo(grub).Length / 1024} KiB, the same kernel for USB stick and hard disk too");
            }
        }

        return ExitStatus.Done;
    }

    /// <summary>Builds variants with progress.</summary>
    /// <exception cref="BadInputException">There are none.</exception>
    public static async Task<IReadOnlyList<BuiltVariant>> BuildAsync(Workplace place, IReadOnlyList<Variant> variants, Toolchain toolchain, CancellationToken cancel)
    {
        if (variants.Count == 0)
        {
            throw new BadInputException($"{place.Project.Configs}: expected a .props file for each variant, found none");
        }

        VariantBuild build = new(place.Project, place.Machine);
        List<BuiltVariant> built = [];
        foreach (Variant variant in variants)
        {
            built.Add(await place.Output.DoAsync($"build {variant.Name}{toolchain.Suffix()}", () => build.BuildAsync(variant, toolchain, cancel)));
        }

        return built;
    }
}
