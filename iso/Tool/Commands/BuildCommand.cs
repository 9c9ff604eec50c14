using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc build</c>: kernels and images; those with every variant unless only one is asked for.</summary>
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
        (IReadOnlyList<BuiltVariant> all, BuiltImages? images) = await place.Output.JobAsync("build", async _ =>
        {
            IReadOnlyList<BuiltVariant> made = await BuildAsync(place, variants, toolchain, cancel);
            return (made, variantName == null ? await CombineAsync(place, made, toolchain, cancel) : null);
        });
        foreach (BuiltVariant built in all)
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

        if (images != null)
        {
            string unchanged = images.Made ? "" : ", nothing changed";
            long iso = new FileInfo(images.Iso).Length / 1024;
            long floppy = new FileInfo(images.Floppy).Length / 1024;
            place.Output.Line($"{place.Project.Show(images.Iso)}: {iso} KiB, every variant, for CD, USB stick, hard disk{unchanged}");
            place.Output.Line($"{place.Project.Show(images.Floppy)}: {floppy} KiB, every variant, for a floppy, "
                + $"{images.FloppyFreeBytes / 1024} KiB free{unchanged}");
        }

        return ExitStatus.Done;
    }

    /// <summary>Makes the images with every variant.</summary>
    /// <returns>Null where the toolchain's kernels are too large for that.</returns>
    public static async Task<BuiltImages?> CombineAsync(
        Workplace place, IReadOnlyList<BuiltVariant> variants, Toolchain toolchain, CancellationToken cancel)
        => toolchain.HasCombinedImages
            ? await place.Output.StepAsync(
                "images with every variant", _ => new CombinedImages(place.Project, place.Programs).UpdateAsync(variants, cancel))
            : null;

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
            await place.Output.StepAsync("build kernels", async _ =>
            {
                await build.BuildKernelsAsync(variants, toolchain, cancel);
                return true;
            });
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
