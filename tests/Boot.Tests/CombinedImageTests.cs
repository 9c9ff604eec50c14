using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Build.Floppy;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The images with every variant, booted by the lines of their menu, and as files.</summary>
public sealed class CombinedImageTests
{
    // Enough for a floppy's worth of a CD, and not for every module of GRUB.
    private const long MostIsoBytes = 1_400_000;

    // What the floppy has to leave for later.
    private const int LeastFreeBytes = 512 << 10;

    /// <summary>Every line of the menu once: the variants' own from CD, the self-tests from a disk, the debug lines from a stick; and the
    /// variants' own again from the floppy, on the smallest machine there is.</summary>
    public static IEnumerable<TheoryDataRow<BootMedium, int>> Lines()
        => from boot in new[] { (BootMedium.Cd, 0), (BootMedium.Disk, 1), (BootMedium.Usb, 2), (BootMedium.Floppy, 0) }
           from variant in Enumerable.Range(0, Lab.Variants.Count)
           select new TheoryDataRow<BootMedium, int>(boot.Item1, boot.Item2 * Lab.Variants.Count + variant);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task EveryLineBootsItsVariant(BootMedium medium, int line)
    {
        (string Options, bool PowersOff)[] ways = [("", false), ("selftest poweroff", true), ("debug earlyprintk", false)];
        Variant variant = Lab.Variants[line % Lab.Variants.Count];
        (string options, bool powersOff) = ways[line / Lab.Variants.Count];
        MachineOptions machine = medium == BootMedium.Floppy
            ? new MachineOptions { Medium = medium, Cpu = "486", MemoryBytes = 4 * MachineOptions.MiB }
            : new MachineOptions { Medium = medium };

        BootResult result = await BootAsync(machine, line, !powersOff);

        Lab.AssertGood(result);
        Assert.Equal(variant.Name, result.Log.Boot!["variant"]);
        Assert.Equal(options, result.Log.Boot["cmdline"]);
        Assert.NotEmpty(result.Log.SelfTests);
        MachineTable.AssertAllRamIsInTheBooks(machine, result);
    }

    [Fact]
    public async Task WithoutAKeyTheFloppysFirstLineBootsToAShell()
    {
        BootResult result = await BootAsync(new MachineOptions { Medium = BootMedium.Floppy }, null, true);

        Lab.AssertGood(result);
        Assert.Equal(Lab.Variants[0].Name, result.Log.Boot!["variant"]);
    }

    // The last line. Nothing comes from COM1, so the screen is looked at; the machine's own limit ends a wait in vain.
    [Fact]
    public async Task TheLastLineTestsTheRam()
    {
        BuiltImages images = await Lab.CombinedAsync();
        using TemporaryFolder work = new();
        string screen = work.File("screen.txt");
        MachineOptions machine = new() { MemoryBytes = 16 * MachineOptions.MiB, TimeLimit = TimeSpan.FromMinutes(15) };
        using RunningMachine running = await Qemu.Instance.StartAsync(
            Lab.Programs, machine, new BootSource(images.Iso), work.Path, CancellationToken.None);
        await running.WaitForMenuAsync(CancellationToken.None);
        await running.PressAsync(["end", "ret"], CancellationToken.None);
        do
        {
            await Task.Delay(100);
            await running.SaveScreenAsync(screen, CancellationToken.None);
        }
        while (!(await File.ReadAllTextAsync(screen)).Contains("Status: Testing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TheyAreSmall()
    {
        BuiltImages images = await Lab.CombinedAsync();

        Assert.InRange(new FileInfo(images.Iso).Length, 1, MostIsoBytes);
        Assert.Equal(1_474_560, new FileInfo(images.Floppy).Length);
        Assert.InRange(images.FloppyFreeBytes, LeastFreeBytes, Fat12Volume.Bytes);
    }

    // Expect `check --image` to find what is compressed, too.
    [Fact]
    public async Task TheirKernelsAreThoseOfTheVariants()
    {
        BuiltImages images = await Lab.CombinedAsync();
        List<byte[]> kernels = [];
        foreach (Variant variant in Lab.Variants)
        {
            kernels.Add(await File.ReadAllBytesAsync((await Lab.BuiltAsync(variant.Name)).Kernel));
        }

        foreach (string image in new[] { images.Iso, images.Floppy })
        {
            IReadOnlyList<CodeImage> found = CodeProof.Kernels(image, await File.ReadAllBytesAsync(image));
            Assert.Equal(
                kernels.Select(Convert.ToHexString).Order(StringComparer.Ordinal),
                found.Select(k => Convert.ToHexString(k.Bytes)).Order(StringComparer.Ordinal));
        }
    }

    // Expect the same bytes in another folder, nothing done twice, and both images made again when their menu changed.
    [Fact]
    public async Task TheyAreTheSameEverywhereAndMadeOnce()
    {
        BuiltImages here = await Lab.CombinedAsync();
        List<BuiltVariant> variants = [];
        foreach (Variant variant in Lab.Variants)
        {
            variants.Add(await Lab.BuiltAsync(variant.Name));
        }

        using TemporaryFolder tree = new();
        ProjectFolder project = new(tree.Path);
        Directory.CreateDirectory(project.Out);
        foreach (string template in Directory.EnumerateFiles(Lab.Project.Templates, "*.template"))
        {
            File.Copy(template, Path.Combine(project.Templates, Path.GetFileName(template)));
        }

        CombinedImages images = new(project, Lab.Programs);
        BuiltImages there = await images.UpdateAsync(variants, CancellationToken.None);
        Assert.True(there.Made);
        Assert.Equal(await File.ReadAllBytesAsync(here.Iso), await File.ReadAllBytesAsync(there.Iso));
        Assert.Equal(await File.ReadAllBytesAsync(here.Floppy), await File.ReadAllBytesAsync(there.Floppy));

        DateTime written = File.GetLastWriteTimeUtc(there.Floppy);
        Assert.False((await images.UpdateAsync(variants, CancellationToken.None)).Made);
        Assert.Equal(written, File.GetLastWriteTimeUtc(there.Floppy));

        await File.AppendAllTextAsync(Path.Combine(project.Templates, "grub-all.cfg.template"), "# more\n");
        Assert.True((await images.UpdateAsync(variants, CancellationToken.None)).Made);
        Assert.NotEqual(await File.ReadAllBytesAsync(here.Floppy), await File.ReadAllBytesAsync(there.Floppy));
        Assert.Contains("fileName = \"bootalloc.iso\"", await File.ReadAllTextAsync(Path.ChangeExtension(there.Iso, ".vmx")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatDoesNotFitOnAFloppyIsRefusedWithFigures()
    {
        using TemporaryFolder folder = new();
        string module = folder.File("module");
        await File.WriteAllBytesAsync(module, new byte[1_300_000]);

        FailedException error = await Assert.ThrowsAsync<FailedException>(() => Lab.BootAsync(
            Lab.AnyVariant, new MachineOptions { Medium = BootMedium.Floppy }, new BootEntry(BootProtocol.Multiboot2, "", module)));

        Assert.Matches(
            @"^run\.img: expected files of at most \d+ bytes, which is what a floppy has besides \d+ of GRUB, found \d+; "
                + "largest: /boot/module.txt, 1300000; make it smaller or use an ISO$",
            error.Message);
    }

    private static async Task<BootResult> BootAsync(MachineOptions machine, int? line, bool powerOff)
    {
        BuiltImages images = await Lab.CombinedAsync();
        return await Lab.RunAsync(new BootRequest
        {
            Machine = machine,
            Source = new BootSource(machine.Medium == BootMedium.Floppy ? images.Floppy : images.Iso),
            LogFile = Lab.NewFile($"-{machine.Medium.Word()}-all.log"),
            MenuKeys = line is { } number ? MenuKeys.Choose(number) : null,
            PowerOff = powerOff,
        });
    }
}
