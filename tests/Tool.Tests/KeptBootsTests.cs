using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Needs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>When a boot is repeated, and when the log of the last one does; QEMU only pretends, and counts its boots.</summary>
public sealed class KeptBootsTests : IDisposable
{
    private readonly TemporaryTree _tree = new();
    private readonly string _image;
    private readonly InstalledPrograms _programs;

    public KeptBootsTests()
    {
        _image = _tree.Write("boot.iso", "an image");
        _tree.Write("sample.log", SampleLog.Good);
        WriteEmulator("exit 33");
        _programs = new InstalledPrograms(Path.Combine(_tree.Root, "bin"), installing: false, _ => { });
    }

    private string Log => Path.Combine(_tree.Root, "boot.log");

    private int Boots => File.Exists(Path.Combine(_tree.Root, "boots")) ? File.ReadAllLines(Path.Combine(_tree.Root, "boots")).Length : 0;

    public void Dispose() => _tree.Dispose();

    // Expect one boot, and the same log of it three times; then another, because it was asked for.
    [Fact]
    public async Task TheSameBootIsKeptUnlessAFreshOneIsAskedFor()
    {
        BootResult first = await BootAsync(Request());
        BootResult second = await BootAsync(Request());
        BootResult third = await BootAsync(Request());
        Assert.Equal((1, false, true, true), (Boots, first.Kept, second.Kept, third.Kept));
        Assert.Equal((first.End, first.Text, first.LogFile), (second.End, second.Text, second.LogFile));
        Assert.Empty(second.Problems());

        BootResult fresh = await BootAsync(Request(), fresh: true);
        Assert.Equal((2, false), (Boots, fresh.Kept));
        Assert.True((await BootAsync(Request())).Kept);
    }

    public static IEnumerable<TheoryDataRow<string>> Damages()
        => [new("log lost"), new("log changed"), new("stamp lost"), new("stamp cut"), new("stamp empty"), new("stamp of another log")];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task WhatIsMissingOrDamagedBootsAgain(string damage)
    {
        await BootAsync(Request());
        string stamp = KeptBoots.StampOf(Log);
        string text = File.ReadAllText(stamp);
        Action spoil = damage switch
        {
            "log lost" => () => File.Delete(Log),
            "log changed" => () => File.AppendAllText(Log, "x"),
            "stamp lost" => () => File.Delete(stamp),
            "stamp cut" => () => File.WriteAllText(stamp, text[..^2]),
            "stamp empty" => () => File.WriteAllText(stamp, ""),
            _ => () => File.WriteAllText(stamp, text.Replace("log ", "log 0", StringComparison.Ordinal)),
        };
        spoil();

        Assert.False((await BootAsync(Request())).Kept);
        Assert.Equal(2, Boots);
        Assert.Equal(text, File.ReadAllText(stamp));
        Assert.True((await BootAsync(Request())).Kept);
    }

    // Expect a changed image, and an emulator that was replaced by one of the same length, to boot.
    [Fact]
    public async Task AnotherImageOrEmulatorBoots()
    {
        await BootAsync(Request());
        File.WriteAllText(_image, "an imagf");
        Assert.False((await BootAsync(Request())).Kept);
        WriteEmulator("exit 33");
        Assert.False((await BootAsync(Request())).Kept);
        Assert.Equal(3, Boots);
        Assert.True((await BootAsync(Request())).Kept);
    }

    // Expect a boot that failed never to be kept, nor one that a person or a disk had a part in.
    [Fact]
    public async Task OnlyGoodBootsOfUnattendedMachinesAreKept()
    {
        WriteEmulator("exit 35");
        BootResult failed = await BootAsync(Request());
        Assert.NotEmpty(failed.Problems());
        Assert.False(File.Exists(KeptBoots.StampOf(Log)));

        WriteEmulator("exit 33");
        string disk = _tree.Write("disk.img", new string('\0', 512));
        BootRequest written = Request() with { Machine = new MachineOptions { InstructionClock = true, Disk = disk } };
        Assert.Empty((await BootAsync(written)).Problems());
        Assert.False((await BootAsync(written)).Kept);
    }

    // Expect each thing that the log depends on to count, and the time limit not to.
    [Fact]
    public void TheFingerprintCoversMachineMenuAndCommands()
    {
        BootRequest plain = Request();
        string module = _tree.Write("module", "m");
        BootRequest[] others =
        [
            plain,
            plain with { Machine = plain.Machine with { MemoryBytes = 64 * MachineOptions.MiB } },
            plain with { Machine = plain.Machine with { InstructionClock = false } },
            plain with { Machine = plain.Machine with { Cpu = "pentium3" } },
            plain with { Machine = plain.Machine with { Type = "q35" } },
            plain with { Machine = plain.Machine with { Medium = BootMedium.Disk } },
            plain with { Machine = plain.Machine with { MoreArguments = ["-S"] } },
            plain with { Machine = plain.Machine with { MoreArguments = ["-s"] } },
            plain with { Machine = plain.Machine with { Emulator = Bochs.Instance } },
            plain with { MenuKeys = MenuKeys.Choose(0) },
            plain with { MenuKeys = MenuKeys.Choose(1) },
            plain with { ShellKeys = ["ret"] },
            plain with { Commands = ["selftest"] },
            plain with { Commands = ["bench"] },
            plain with { PowerOff = true },
            plain with { Source = plain.Source with { CommandLine = "mem=64M" } },
            plain with { Source = plain.Source with { Module = module } },
        ];
        string[] prints = [.. others.Select(new KeptBoots(_programs).Inputs)];
        Assert.Equal(prints.Length, prints.Distinct().Count());
        Assert.Equal(prints[0], new KeptBoots(_programs).Inputs(plain with { TimeLimit = TimeSpan.FromSeconds(1), LogFile = "b.log" }));
    }

    private BootRequest Request() => new()
    {
        Machine = new MachineOptions { InstructionClock = true },
        Source = new BootSource(_image),
        LogFile = Log,
        PowerOff = false,
        TimeLimit = TimeSpan.FromMinutes(10),
    };

    private Task<BootResult> BootAsync(BootRequest request, bool fresh = false)
        => new KeptBoots(_programs, fresh).RunAsync(request, CancellationToken.None);

    // Another file in the old one's place each time, as a package's update leaves it.
    private void WriteEmulator(string end)
    {
        string program = _tree.WriteProgram("bin/new", $"echo boot >>'{_tree.Root}/boots'; /bin/cat '{_tree.Root}/sample.log'; {end}");
        File.Move(program, Path.Combine(_tree.Root, "bin", "qemu-system-i386"), overwrite: true);
    }
}
