using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>What the build of the images with every variant leaves in iso/out.</summary>
/// <param name="Iso">For CD, USB stick, and hard disk.</param>
/// <param name="Floppy">For a 1.44 MB floppy.</param>
/// <param name="FloppyFreeBytes">What is left on it.</param>
/// <param name="Made">False when everything was there already.</param>
public sealed record BuiltImages(string Iso, string Floppy, int FloppyFreeBytes, bool Made);

/// <summary>
/// The two images from which every variant boots: an ISO and a floppy. Both have the same menu and the same compressed kernels. They are
/// made again only when something in them changed.
/// </summary>
/// <param name="project">The work tree.</param>
/// <param name="programs">Provides GRUB, xorriso, and Memtest86+.</param>
public sealed class CombinedImages(ProjectFolder project, InstalledPrograms programs)
{
    /// <summary>The images' name without its extension.</summary>
    public const string Name = "bootalloc";

    private const string Menu = "grub-all.cfg.template";
    private const string ReadMe = "floppy.txt.template";
    private const int SectorBytes = 512;
    private const string Memtest = "/boot/memtest86+ia32.bin";

    /// <summary>The last line of the menu.</summary>
    public static Need MemtestNeed { get; } = new(Memtest, "memtest86+", null);

    // gzio undoes the compression; linux16 boots Memtest86+.
    private static readonly string[] s_modules = ["gzio", "linux16"];

    /// <summary>From kernels to the images.</summary>
    public static IReadOnlyList<Need> Needs { get; } = [.. BootImage.Needs, MemtestNeed];

    /// <summary>The ISO.</summary>
    public string Iso => Path.Combine(project.Out, Name + ".iso");

    /// <summary>The floppy.</summary>
    public string Floppy => Path.Combine(project.Out, Name + ".img");

    /// <summary>Makes whatever is missing or out of date: both images, and the emulators' configurations beside the ISO.</summary>
    /// <param name="variants">What boots from them; just built.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="Errors.MissingToolException">Something needed is not installed.</exception>
    /// <exception cref="Errors.FailedException">The files do not fit on a floppy, or a program reports an error.</exception>
    public async Task<BuiltImages> UpdateAsync(IReadOnlyList<BuiltVariant> variants, CancellationToken cancel)
    {
        using FolderLock alone = await FolderLock.TakeAsync(project.At("iso", "out", "build.lock"), cancel);
        await programs.ProvideAsync(Needs, cancel);
        string inputs = Inputs(variants);
        InputStamp isoStamp = new(Iso, inputs);
        InputStamp floppyStamp = new(Floppy, inputs);
        bool made = !await isoStamp.HoldsAsync(cancel) || !await floppyStamp.HoldsAsync(cancel);
        if (made)
        {
            using TemporaryFolder work = new();
            isoStamp.Remove();
            floppyStamp.Remove();
            ImageContents contents = await ContentsAsync(variants, work, cancel);
            await MakeIsoAsync(variants, contents, cancel);
            await isoStamp.WriteAsync(cancel);
            ImageFile readMe = await ReadMeAsync(variants, work, cancel);
            await new FloppyImage(programs).MakeAsync(Floppy, contents with { Files = [.. contents.Files, readMe] }, cancel);
            await floppyStamp.WriteAsync(cancel);
        }

        bool written = await MachineFiles.UpdateAsync(project, Iso, "every variant", cancel);
        return new BuiltImages(Iso, Floppy, Fat12Volume.FreeBytes(await File.ReadAllBytesAsync(Floppy, cancel)), made || written);
    }

    /// <summary>The kernels' paths in the images: the variants' names, as much of them as DOS's names hold.</summary>
    /// <param name="variants">The variants.</param>
    public static IReadOnlyList<MenuKernel> Kernels(IReadOnlyList<Variant> variants)
    {
        List<MenuKernel> kernels = [];
        foreach (Variant variant in variants)
        {
            string name = variant.Name[..Math.Min(variant.Name.Length, Fat12Name.BaseLength)];
            string path = $"/boot/{name}.gz";
            for (int i = 2; kernels.Exists(k => k.Path == path); i++)
            {
                // The names of two variants begin alike.
                path = $"/boot/{name[..Math.Min(name.Length, Fat12Name.BaseLength - 1)]}{i}.gz";
            }

            kernels.Add(new MenuKernel(variant, path));
        }

        return kernels;
    }

    // The menu's install entry names the size of the image that the menu is in, so the image is made twice; the size stays.
    private async Task MakeIsoAsync(IReadOnlyList<BuiltVariant> variants, ImageContents contents, CancellationToken cancel)
    {
        IReadOnlyList<MenuKernel> kernels = Kernels([.. variants.Select(v => v.Variant)]);
        MenuKernel installs = kernels.FirstOrDefault(k => k.Variant.Name == Variant.DefaultName) ?? kernels[0];
        BootImage image = new(programs);
        long size = 0;
        for (int attempt = 0; attempt < 2; attempt++)
        {
            string menu = BootMenu.ForEveryVariant(Path.Combine(project.Templates, Menu), kernels, installs, (uint)(size / SectorBytes));
            await image.MakeAsync(Iso, contents with { Menu = menu }, cancel);
            size = new FileInfo(Iso).Length;
        }
    }

    // What both images hold. The log's room comes first: on the floppy its place depends on nothing but GRUB.
    private async Task<ImageContents> ContentsAsync(IReadOnlyList<BuiltVariant> variants, TemporaryFolder work, CancellationToken cancel)
    {
        string log = work.File(BootLogRoom.Name);
        await File.WriteAllBytesAsync(log, BootLogRoom.Empty(), cancel);
        ImageContents contents = await KernelsAndMemtestAsync(variants, work, cancel);
        return contents with { Files = [new($"/{BootLogRoom.Name}", log), .. contents.Files] };
    }

    /// <summary>The menu, without the line that installs, and what its lines boot, compressed and in /boot.</summary>
    /// <param name="variants">The variants; just built.</param>
    /// <param name="work">For the compressed files, until they are in an image.</param>
    /// <param name="cancel">Ends the work.</param>
    public async Task<ImageContents> KernelsAndMemtestAsync(
        IReadOnlyList<BuiltVariant> variants, TemporaryFolder work, CancellationToken cancel)
    {
        IReadOnlyList<MenuKernel> kernels = Kernels([.. variants.Select(v => v.Variant)]);
        List<ImageFile> files = [];
        foreach ((BuiltVariant variant, MenuKernel kernel) in variants.Zip(kernels))
        {
            files.Add(await PackAsync(variant.Kernel, kernel.Path));
        }

        files.Add(await PackAsync(Memtest, "/boot/memtest.gz"));
        string menu = BootMenu.ForEveryVariant(Path.Combine(project.Templates, Menu), kernels);
        return new ImageContents(menu, files) { Modules = s_modules };

        async Task<ImageFile> PackAsync(string source, string path)
        {
            string packed = work.File(Path.GetFileName(path));
            await PackedFile.MakeAsync(source, packed, cancel);
            return new ImageFile(path, packed);
        }
    }

    private async Task<ImageFile> ReadMeAsync(IReadOnlyList<BuiltVariant> variants, TemporaryFolder work, CancellationToken cancel)
    {
        string readMe = work.File("README.TXT");
        string text = await File.ReadAllTextAsync(Path.Combine(project.Templates, ReadMe), cancel);
        string list = string.Join('\n', variants.Select(v => $"  {v.Variant.Name,-12}{v.Variant.Models}".TrimEnd()));
        text = text.Replace("@VARIANTS@", list, StringComparison.Ordinal)
            .Replace("@LOGBYTES@", $"{BootLogRoom.Bytes:N0}", StringComparison.Ordinal)
            .ReplaceLineEndings("\r\n");
        await File.WriteAllTextAsync(readMe, text, Encoding.ASCII, cancel);
        return new("/README.TXT", readMe);
    }

    private string Inputs(IReadOnlyList<BuiltVariant> variants)
    {
        using Fingerprint inputs = new();
        inputs.Add("iso", BootImage.Recipe(s_modules)).Add("floppy", FloppyImage.Recipe(s_modules))
            .Add("log", Encoding.ASCII.GetString(BootLogRoom.Empty()))
            .AddFile(project.Root, Path.Combine(project.Templates, Menu))
            .AddFile(project.Root, Path.Combine(project.Templates, ReadMe))
            .AddFile("/", Memtest);
        foreach (BuiltVariant variant in variants)
        {
            inputs.Add("variant", $"{variant.Variant.Name} {variant.Variant.Models}").AddFile(project.Root, variant.Kernel);
        }

        return inputs.Value();
    }
}
