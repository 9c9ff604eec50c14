using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The files that a build leaves.</summary>
public sealed class ImageTests
{
    private const long MostIsoBytes = 4 << 20;
    private const long MostKernelBytes = 256 << 10;
    private const int Sector = 2048;

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task ImageAndKernelAreSmall(string variant)
    {
        BuiltVariant built = await Lab.BuiltAsync(variant);

        Assert.InRange(new FileInfo(built.Iso).Length, Sector, MostIsoBytes);
        Assert.InRange(new FileInfo(built.Kernel).Length, 1, MostKernelBytes);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TheImageIsACdAndADisk(string variant)
    {
        byte[] image = await File.ReadAllBytesAsync((await Lab.BuiltAsync(variant)).Iso);

        // A CD: the primary volume descriptor and an El Torito boot record. A disk: a boot sector's mark and one active partition.
        Assert.Equal("CD001"u8.ToArray(), image[(16 * Sector + 1)..(16 * Sector + 6)]);
        Assert.Equal("EL TORITO SPECIFICATION"u8.ToArray(), image[(17 * Sector + 7)..(17 * Sector + 30)]);
        Assert.Equal([0x55, 0xaa], image[510..512]);
        Assert.Equal(0x80, image[446]);
        Assert.NotEqual(0, image[0]);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TheKernelHasBothMultibootHeaders(string variant)
    {
        byte[] kernel = await File.ReadAllBytesAsync((await Lab.BuiltAsync(variant)).Kernel);

        Assert.True(Has(kernel, 0x1badb002, 4, 8192), "no multiboot 1 header in the first 8 KiB");
        Assert.True(Has(kernel, 0xe85250d6, 8, 32768), "no multiboot 2 header in the first 32 KiB");
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F', 1], kernel[..5]);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TheVmwareMachineBesideItFits(string variant)
    {
        BuiltVariant built = await Lab.BuiltAsync(variant);
        string[] lines = await File.ReadAllLinesAsync(Path.ChangeExtension(built.Iso, ".vmx"));

        // Every line is name = "value"; the CD is this image, by a name that holds in this folder; COM1 goes to a file.
        Assert.All(lines.Where(l => l.Length != 0 && l[0] != '#'), l => Assert.Matches("^[A-Za-z0-9:_.]+ = \"[^\"]*\"$", l));
        Assert.Contains($"ide1:0.fileName = \"{Path.GetFileName(built.Iso)}\"", lines);
        Assert.Contains("serial0.fileType = \"file\"", lines);
        Assert.Contains("memsize = \"128\"", lines);
    }

    [Fact]
    public async Task TheBochsMachineBesideTheImageWithEveryVariantBoots()
    {
        BuiltImages built = await Lab.CombinedAsync();
        await Lab.Programs.ProvideAsync(Bochs.Instance.Needs, CancellationToken.None);
        string folder = Path.GetDirectoryName(built.Iso)!;
        using TemporaryFolder work = new();
        string commands = work.File("commands");
        await File.WriteAllTextAsync(commands, "continue\n");

        // As a person would, in its folder; but to a log file of our own, and with the menu's power-off line unreachable
        // it stays at the shell, so it is ended once its log is complete.
        string log = work.File("com1");
        using ChildProcess bochs = ChildProcess.Start(
            Lab.Programs.Get("bochs"),
            [
                "-q", "-f", Path.GetFileNameWithoutExtension(built.Iso) + ".bochsrc", "-rc", commands,
                $"com1: enabled=1, mode=file, dev={log}", $"log: {work.File("messages")}",
            ],
            TimeSpan.FromMinutes(15),
            folder,
            new Dictionary<string, string> { ["TERM"] = "linux" });
        bochs.DropOutput();
        string text = "";
        for (int i = 0; i < 9000 && !bochs.HasExited && !text.Contains(BootLog.Prompt, StringComparison.Ordinal); i++)
        {
            await Task.Delay(100);
            text = File.Exists(log) ? await File.ReadAllTextAsync(log) : "";
        }

        Assert.Empty(BootLogChecks.Check(BootLog.Parse(log, text)));
    }

    private static bool Has(byte[] image, uint magic, int align, int within)
        => Enumerable.Range(0, Math.Min(within, image.Length) / align).Any(i => BitConverter.ToUInt32(image, i * align) == magic);
}
