using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Web;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc web</c>: one page that boots the variants in a browser and compares them.</summary>
public static class WebCommand
{
    private const string Texts = "/usr/share/common-licenses";

    private static readonly string[] s_licences = ["LGPL-2.1", "LGPL-3", "GPL-2", "GPL-3"];

    /// <summary>From kernels to the page.</summary>
    public static IReadOnlyList<Need> Needs { get; } =
    [
        .. Firmware.Needs, .. s_licences.Select(l => new Need(Path.Combine(Texts, l), "base-files", null)),
    ];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Command command = new("web", "Write one page that boots two variants in a browser, side by side, and compares their logs.");
        command.SetAction((_, cancel) => RunAsync(new Workplace(), cancel));
        return command;
    }

    /// <summary>Makes the page: iso/out/bootalloc.html.</summary>
    public static async Task<int> RunAsync(Workplace place, CancellationToken cancel)
    {
        string file = Path.Combine(place.Project.Out, "bootalloc.html");
        WebPage page = await place.Output.JobAsync("web", async _ => await MakeAsync(place, file, cancel));
        place.Output.Line($"{place.Project.Show(file)}: {new FileInfo(file).Length / 1024} KiB, of which {page.BootCharacters / 1024} KiB "
            + "are read before the machines start; open it in a browser, or put it on any server for files");
        return ExitStatus.Done;
    }

    private static async Task<WebPage> MakeAsync(Workplace place, string file, CancellationToken cancel)
    {
        Toolchain toolchain = Toolchain.All[0];
        await place.Programs.ProvideAsync([.. toolchain.Needs, .. CombinedImages.Needs, .. EmulatorList.Default.Needs, .. Needs], cancel);
        IReadOnlyList<BuiltVariant> built =
            await BuildCommand.BuildAsync(place, Variant.All(place.Project, toolchain), toolchain, cancel);
        BuiltImages images = (await BuildCommand.CombineAsync(place, built, toolchain, cancel))!;
        string work = Path.Combine(place.Project.Out, "web");
        Directory.CreateDirectory(work);
        using FolderLock alone = await FolderLock.TakeAsync(Path.Combine(work, "web.lock"), cancel);

        V86Package emulator = new(place.Project, place.Programs);
        await place.Output.StepAsync("emulator v86", async _ =>
        {
            await emulator.FetchAsync(cancel);
            return true;
        });
        ComparisonBundle comparison = new(place.Project);
        await place.Output.StepAsync("comparison for the browser", async _ =>
        {
            await comparison.UpdateAsync(cancel);
            return true;
        });
        Firmware firmware = new(place.Programs);
        string start = Path.Combine(work, "start.bin");
        await firmware.AssembleAsync(place.Project.At("iso", "Web", "start.asm"), start, cancel);

        RecordedBoots recorded = new(place.Project, place.Programs);
        List<PageVariant> variants = [];
        IReadOnlyList<MenuKernel> kernels = CombinedImages.Kernels([.. built.Select(b => b.Variant)]);
        foreach ((BuiltVariant variant, MenuKernel kernel) in built.Zip(kernels))
        {
            BootRequest request = await MainCommand.RequestAsync(place, variant, cancel);
            string log = await place.Output.StepAsync(
                $"recorded boot of {variant.Variant.Name}", _ => recorded.UpdateAsync(request, variant.Variant.Name, cancel));
            variants.Add(new PageVariant(variant.Variant.Name, variant.Variant.Models, kernel.Path, log));
        }

        WebPage page = new(new PageParts(
            place.Project.At("iso", "Web"),
            images.Iso,
            start,
            emulator,
            comparison.Files,
            variants,
            $"{MainCommand.Request(built[0]).Machine.MemoryBytes >> 20} MB of RAM",
            new Dictionary<string, string>
            {
                ["V86"] = emulator.Version,
                ["SEABIOS"] = await firmware.VersionAsync("seabios", cancel),
                ["VGABIOS"] = await firmware.VersionAsync("vgabios", cancel),
                ["GRUB"] = await firmware.VersionAsync("grub-pc-bin", cancel),
                ["MEMTEST"] = await firmware.VersionAsync("memtest86+", cancel),
            },
            [
                ("licence/v86", emulator.Licence), ("licence/ours", place.Project.At("LICENSE")),
                ("licence/mit", place.Project.At("iso", "Web", "mit.txt")),
                .. s_licences.Select(l => ("licence/" + l, Path.Combine(Texts, l))),
            ]));
        await File.WriteAllTextAsync(file, page.Make(), cancel);
        return page;
    }
}
