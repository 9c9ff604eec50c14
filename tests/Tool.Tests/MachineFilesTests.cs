using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>
/// The machines beside an image, against the table of what is documented of their keys: no key that the table lacks, no value that it does
/// not allow, and no line in the table that nobody uses.
/// </summary>
public sealed partial class MachineFilesTests : IDisposable
{
    private const int SectorBytes = 512;

    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("vmx")]
    [InlineData("vmdk")]
    [InlineData("bochsrc")]
    public async Task EachKeyIsDocumented(string extension)
    {
        string file = Path.ChangeExtension(await MakeAsync(2188), extension);
        Dictionary<string, string> allowed = Table("keys.tsv", 5).Where(r => r[0] == extension).ToDictionary(r => r[1], r => r[2]);
        (string Key, string Value)[] found =
            [.. File.ReadLines(file).SelectMany(l => extension switch
            {
                "vmx" => VmxLine(l),
                "vmdk" => VmdkLine(l),
                _ => BochsLine(l),
            })];

        Assert.All(found, f => Assert.True(allowed.ContainsKey(f.Key), $"{f.Key}: not in keys.tsv"));
        Assert.All(found, f => Assert.True(Matches(f.Value, allowed[f.Key]), $"{f.Key}: '{f.Value}' is not {allowed[f.Key]}"));
        Assert.Empty(allowed.Keys.Except(found.Select(f => f.Key)));
    }

    // VMware does not start a machine with another size, whichever it is.
    [Fact]
    public async Task TheMemoryIsAMultipleOf4()
    {
        string[] lines = await File.ReadAllLinesAsync(Path.ChangeExtension(await MakeAsync(2188), "vmx"));
        string size = Assert.Single(lines, l => l.StartsWith("memsize = ", StringComparison.Ordinal)).Split('"')[1];
        Assert.Equal(0, int.Parse(size, CultureInfo.InvariantCulture) % 4);
    }

    // A line that replaces another must not stand beside it: VMware refuses a key that is there twice.
    [Fact]
    public async Task NoKeyIsThereTwice()
    {
        string[] lines = await File.ReadAllLinesAsync(Path.ChangeExtension(await MakeAsync(2188), "vmx"));
        Assert.Distinct(lines.Where(l => l.Length != 0 && l[0] != '#').Select(l => l.Split(' ')[0]), StringComparer.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(2188, 2)]
    [InlineData(1008, 1)]
    [InlineData(40_000_000, 16383)]
    public async Task TheDiskHasTheImagesSectors(long sectors, int cylinders)
    {
        string image = await MakeAsync(sectors, more: SectorBytes - 1);
        string text = await File.ReadAllTextAsync(Path.ChangeExtension(image, "vmdk"));

        Assert.Contains($"RW {sectors} FLAT \"{Path.GetFileName(image)}\" 0\n", text, StringComparison.Ordinal);
        Assert.Contains($"ddb.geometry.cylinders = \"{cylinders}\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnImageThatIsNoDiskHasNoDescriptor()
    {
        string image = await MakeAsync(2188);
        Assert.True(File.Exists(Path.ChangeExtension(image, "vmdk")));

        await MakeAsync(2188, mark: 0);
        Assert.False(File.Exists(Path.ChangeExtension(image, "vmdk")));
        Assert.True(File.Exists(Path.ChangeExtension(image, "vmx")));

        await MakeAsync(2188, code: 0);
        Assert.False(File.Exists(Path.ChangeExtension(image, "vmdk")));
    }

    /// <summary>The rows of a table among the tests' data.</summary>
    internal static IReadOnlyList<string[]> Table(string name, int columns)
    {
        string[][] rows =
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "machines", name))
                .Where(l => l.Length != 0 && l[0] != '#').Select(l => l.Split('\t')),
        ];
        Assert.All(rows, r => Assert.True(r.Length == columns && r[^1].Length != 0, string.Join('|', r)));
        return rows;
    }

    /// <summary>The value is one that the expression allows as a whole.</summary>
    internal static bool Matches(string value, string expression)
        => Regex.IsMatch(value, $"^(?:{expression})$", RegexOptions.CultureInvariant);

    private async Task<string> MakeAsync(long sectors, int more = 0, byte code = 0xeb, byte mark = 0xaa)
    {
        string image = _tree.Write("bootalloc-some.iso", "");
        await using (FileStream file = File.OpenWrite(image))
        {
            file.SetLength((sectors * SectorBytes) + more);
            file.WriteByte(code);
            file.Position = SectorBytes - 2;
            await file.WriteAsync(new byte[] { 0x55, mark });
        }

        await MachineFiles.UpdateAsync(ProjectFolder.Find(), image, "some", CancellationToken.None);
        return image;
    }

    // Also the lines that a person may put in the place of others.
    private static IEnumerable<(string Key, string Value)> VmxLine(string line)
    {
        Match match = VmxKey().Match(line);
        Assert.True(match.Success || line.StartsWith("# ", StringComparison.Ordinal), line);
        return match.Success ? [(match.Groups[1].Value, match.Groups[2].Value)] : [];
    }

    private static IEnumerable<(string Key, string Value)> VmdkLine(string line)
    {
        if (line.Length == 0 || line[0] == '#')
        {
            return [];
        }

        if (VmdkExtent().Match(line) is { Success: true } extent)
        {
            return extent.Groups.Values.Skip(1).Select(g => ("extent " + g.Name, g.Value));
        }

        Match match = VmdkKey().Match(line);
        Assert.True(match.Success, line);
        return [(match.Groups[1].Value, match.Groups[2].Value)];
    }

    private static IEnumerable<(string Key, string Value)> BochsLine(string line)
    {
        if (line.StartsWith('#'))
        {
            return [];
        }

        string[] parts = line.Split(": ", 2);
        return parts[1].Contains('=')
            ? parts[1].Split(", ").Select(p => p.Split('=', 2)).Select(p => ($"{parts[0]}: {p[0]}", p[1]))
            : [(parts[0], parts[1])];
    }

    [GeneratedRegex("^(?:# )?([A-Za-z0-9:_.]+) = \"([^\"]*)\"$")]
    private static partial Regex VmxKey();

    [GeneratedRegex("^([A-Za-z.]+) ?= ?\"?([^\"]*)\"?$")]
    private static partial Regex VmdkKey();

    [GeneratedRegex("^(?<access>[A-Z]+) (?<sectors>[0-9]+) (?<type>[A-Z]+) \"(?<file>[^\"]*)\" (?<offset>[0-9]+)$")]
    private static partial Regex VmdkExtent();
}
