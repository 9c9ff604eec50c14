using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The folder for a TFTP server: booted by network cards with QEMU's own server, served as its note says, made and refused.
/// </summary>
public sealed partial class NetbootTests
{
    // What the boot code of QEMU's cards keeps for itself is below 1 MiB.
    private const ulong CardPages = 256;

    private static readonly Lazy<Task<string>> s_folder = new(() => MakeAsync(NewFolder(), Lab.Variants));
    private static readonly Lazy<Task<BootResult>> s_cd = new(() => BootAsync(new MachineOptions(), null, Line(Lab.AnyVariant)));

    public static IEnumerable<TheoryDataRow<string, string>> Boots()
        => [.. from variant in Lab.Variants select new TheoryDataRow<string, string>("rtl8139", variant.Name),
            .. from card in new[] { "ne2k_pci", "pcnet", "e1000" } select new TheoryDataRow<string, string>(card, Lab.AnyVariant)];

    // Expect the shell, and in the log nothing that the RAM kept by the card's boot code does not explain.
    [Theory]
    [MemberData(nameof(Boots))]
    public async Task ACardBootsWhatTheCdBoots(string card, string variant)
    {
        MachineOptions machine = new() { Medium = BootMedium.Network, Card = card };
        BootResult result = await BootAsync(machine, await s_folder.Value, Line(variant));

        Lab.AssertGood(result);
        Assert.Equal(variant, result.Log.Boot!["variant"]);
        Assert.StartsWith("GRUB ", result.Log.Boot["loader"], StringComparison.Ordinal);
        Assert.Contains("bootalloc: boot ", result.Text.Split('\n').First(l => l.Trim().Length != 0), StringComparison.Ordinal);
        MachineTable.AssertAllRamIsInTheBooks(machine, result);
        if (variant != Lab.AnyVariant)
        {
            return;
        }

        BootResult cd = await s_cd.Value;
        Lab.AssertGood(cd);
        Assert.Equal(Form(cd), Form(result));
        Assert.Equal(Claims(cd), Claims(result));
        Assert.InRange(Usable(result), Usable(cd) - CardPages, Usable(cd) - 1);
    }

    [Fact]
    public async Task AVariantBootsOverTheNetworkWithModuleAndOptions()
    {
        MachineOptions machine = new() { Medium = BootMedium.Network, MemoryBytes = 8 * MachineOptions.MiB };
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, machine, new BootEntry(BootProtocol.Multiboot1, "debug x=/boot/y", Lab.Module));

        Lab.AssertGood(result);
        Assert.Equal("debug x=/boot/y", result.Log.Boot!["cmdline"]);
        Assert.Contains(result.Log.Accounts, a => a["name"] == "RAMDISK");
    }

    // Expect the note's files for iPXE and PXELINUX to start the menu, or a kernel; and the folder to work below the server's root.
    [Theory]
    [InlineData("iPXE", 0, "boot.ipxe", "boot.ipxe", "GRUB ")]
    [InlineData("PXELINUX", 0, "pxelinux.cfg/default", "pxelinux.0", "GRUB ")]
    [InlineData("PXELINUX", 1, "pxelinux.cfg/default", "pxelinux.0", "PXELINUX ")]
    [InlineData(null, 0, null, "sub/" + TftpFolder.CoreName, "GRUB ")]
    public async Task WhatTheNoteSaysBoots(string? section, int number, string? file, string start, string loader)
    {
        string folder = await MakeAsync(NewFolder(), Lab.Variants);
        string root = folder;
        if (section == null)
        {
            root = NewFolder();
            Directory.CreateDirectory(root);
            Directory.Move(folder, Path.Combine(root, "sub"));
            File.Copy(Path.Combine(root, "sub", TftpFolder.CoreName), Path.Combine(root, TftpFolder.CoreName));
        }
        else
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file!))!);
            await File.WriteAllTextAsync(Path.Combine(folder, file!), Blocks(folder, section)[number]);
        }

        if (section == "PXELINUX")
        {
            await ProvideAsync();
            foreach (string part in TestCommand.NetbootWitnesses.Select(n => n.What).Where(w => w != TestCommand.Dnsmasq))
            {
                File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
            }
        }

        MachineOptions machine = new() { Medium = BootMedium.Network, MoreArguments = ["-set", $"netdev.net.bootfile={start}"] };
        BootResult result = await BootAsync(machine, root, null);

        Lab.AssertGood(result);
        Assert.StartsWith(loader, result.Log.Boot!["loader"], StringComparison.Ordinal);
        Assert.Equal(Lab.Variants[0].Name, result.Log.Boot["variant"]);
    }

    // Expect dnsmasq to accept both configurations, whatever the folder is called.
    [Fact]
    public async Task TheNotesConfigurationsAreDnsmasqs()
    {
        await ProvideAsync();
        string folder = await MakeAsync(Path.Combine(NewFolder(), "a \"b\", c\\d #é"), [Lab.Variants[0]]);
        IReadOnlyList<string>[] sections = [Blocks(folder, "dnsmasq, on a cable"), Blocks(folder, "dnsmasq, beside")];
        using TemporaryFolder work = new();
        string file = work.File("bootalloc.conf");
        foreach (string text in sections.Select(s => Assert.Single(s)))
        {
            await File.WriteAllTextAsync(file, text);
            Assert.Equal(0, await DnsmasqAsync(file));
        }

        await File.AppendAllTextAsync(file, "no-such-option\n");
        Assert.NotEqual(0, await DnsmasqAsync(file));
    }

    [Fact]
    public async Task TheFolderIsMadeAgainAndNothingElseIsTouched()
    {
        string folder = await MakeAsync(NewFolder(), Lab.Variants);
        string[] first = [.. Names(folder)];
        Assert.True(File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute), "nobody else may enter");
        string other = Path.Combine(folder, "pxelinux.0");
        await File.WriteAllTextAsync(other, "mine");

        await MakeAsync(folder, [Lab.Variants[0]]);
        string[] second = [.. Names(folder)];
        Assert.Equal("mine", await File.ReadAllTextAsync(other));
        Assert.Equal(first.Length - (Lab.Variants.Count - 1) + 1, second.Length);
        Assert.All(
            Directory.EnumerateFiles(folder).Where(f => f != other),
            f => Assert.True(File.GetUnixFileMode(f).HasFlag(UnixFileMode.OtherRead), f));

        // What was put there under a name that netboot wants now is not overwritten.
        string foreign = Path.Combine(folder, first.Except(second).First());
        await File.WriteAllTextAsync(foreign, "mine too");
        BadInputException error = await Assert.ThrowsAsync<BadInputException>(() => MakeAsync(folder, Lab.Variants));
        Assert.Equal($"{folder}: {Path.GetFileName(foreign)} is not one of the files that netboot made there; move it away", error.Message);
        Assert.Equal("mine too", await File.ReadAllTextAsync(foreign));
    }

    private static IEnumerable<string> Names(string folder) => Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)!);

    private static string NewFolder() => Lab.NewFolder("-netboot");

    private static async Task<string> MakeAsync(string folder, IReadOnlyList<Variant> variants)
    {
        List<BuiltVariant> built = [];
        foreach (Variant variant in variants)
        {
            built.Add(await Lab.BuiltAsync(variant.Name));
        }

        await new NetbootFolder(Lab.Project, Lab.Programs).UpdateAsync(folder, built, CancellationToken.None);
        return folder;
    }

    private static async Task<BootResult> BootAsync(MachineOptions machine, string? folder, int? line)
        => await Lab.RunAsync(new BootRequest
        {
            Machine = machine,
            Source = new BootSource(folder ?? (await Lab.CombinedAsync()).Iso),
            LogFile = Lab.NewFile($"-{machine.Medium.Word()}.log"),
            MenuKeys = line is { } number ? MenuKeys.Choose(number) : null,
        });

    private static int Line(string variant) => Lab.Variants.TakeWhile(v => v.Name != variant).Count();

    // The log's lines without time, address, number, and the rows of the firmware's map.
    private static string[] Form(BootResult result)
        => [.. result.Text.Split('\n').Where(l => !l.Contains("BIOS-e820", StringComparison.Ordinal))
            .Select(l => Spaces().Replace(Numbers().Replace(Time().Replace(l, ""), "N"), " "))];

    private static string[] Claims(BootResult result) => [.. result.Log.Accounts.Select(a => $"{a["name"]}: {a["pages"]}")];

    private static ulong Usable(BootResult result) => result.Log.Stage("e820")!.Number("usable_pages")!.Value;

    // The indented pieces of the note below a title that starts so.
    private static IReadOnlyList<string> Blocks(string folder, string title)
    {
        string[] lines = File.ReadAllLines(Path.Combine(folder, NetbootFolder.NoteName));
        int start = Array.FindIndex(lines, l => l.StartsWith(title, StringComparison.Ordinal));
        Assert.True(start >= 0, title);
        int end = Array.FindIndex(lines, start + 2, l => l.StartsWith("---", StringComparison.Ordinal));
        string section = string.Join('\n', lines[(start + 2)..(end < 0 ? lines.Length : end - 1)]) + "\n";
        return [.. Indented().Matches(section).Select(m => m.Value.Replace("\n    ", "\n", StringComparison.Ordinal)[4..])];
    }

    private static async Task<int> DnsmasqAsync(string file)
        => (await ChildProcess.RunAsync(
            Lab.Programs.Get(TestCommand.Dnsmasq), ["--test", "-C", file], TimeSpan.FromMinutes(5), CancellationToken.None)).ExitStatus;

    private static async Task ProvideAsync()
    {
        try
        {
            await Lab.Programs.ProvideAsync(TestCommand.NetbootWitnesses, CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }
    }

    [GeneratedRegex(@"(^    .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Indented();

    [GeneratedRegex(@"^\[ *[0-9.]+\] ")]
    private static partial Regex Time();

    [GeneratedRegex("[0-9a-f]*[0-9][0-9a-f]*")]
    private static partial Regex Numbers();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}
