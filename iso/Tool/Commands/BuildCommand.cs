using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;

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
        Command command = new("build", "Build kernels and bootable images into iso/out.") { variant, toolchain, cosmos };
        command.SetAction(
            (parsed, cancel) => RunAsync(new Workplace(), parsed.GetValue(variant), parsed.GetRequiredValue(toolchain), cancel));
        return command;
    }

    /// <summary>Builds one variant, or all.</summary>
    public static async Task<int> RunAsync(Workplace place, string? variantName, string toolchainName, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.Named(toolchainName);
        IReadOnlyList<Variant> variants =
            variantName == null ? Variant.All(place.Project, toolchain) : [Variant.Named(place.Project, variantName, toolchain)];
        foreach (BuiltVariant built in await BuildAsync(place, variants, toolchain, cancel))
        {
            long kernel = new FileInfo(built.Kernel).Length / 1024;
            long image = new FileInfo(built.Iso).Length / 1024;
            string unchanged = built.Made ? "" : ", nothing changed";
            place.Output.Line($"{place.Project.Show(built.Iso)}: {image} KiB, kernel {kernel} KiB{unchanged}");
            if (built.GrubImage is { } grub)
            {
                long size = new FileInfo(grub).Length / 1024;
                place.Output.Line($"{place.Project.Show(grub)}: {size} KiB, the same kernel for USB sticks and hard disks too");
            }
        }

        return ExitStatus.Done;
    }

    /// <summary>Builds variants with progress.</summary>
    /// <exception cref="BadInputException">There are none.</exception>
    public static Task<IReadOnlyList<BuiltVariant>> BuildAsync(
        Workplace place, IReadOnlyList<Variant> variants, Toolchain toolchain, CancellationToken cancel)
    {
        if (variants.Count == 0)
        {
            throw new BadInputException($"{place.Project.Configs}: expected a .props file for each variant, found none");
        }

        return place.Output.JobAsync<IReadOnlyList<BuiltVariant>>("build", async job =>
        {
            VariantBuild build = new(place.Project, place.Programs);
            List<BuiltVariant> built = [];
            job.Expect(variants.Count, "variants");
            foreach (Variant variant in variants)
            {
                string what = $"build {variant.Name}{toolchain.Suffix}";
                built.Add(await place.Output.StepAsync(what, _ => build.BuildAsync(variant, toolchain, cancel)));
                job.Advance();
            }

            return built;
        });
    }
}
