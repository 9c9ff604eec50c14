using System;
using System.IO;
using System.Linq;
using System.Text;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>
/// Boots of a real Linux 2.6.34, x86-64, recorded while they ran: ours are the same, byte for byte, but for the one named here. What was
/// recorded is in docs/linux-witness.md.
/// </summary>
public sealed class RealBootTests
{
    private const string Full = "many56-nobootmem.trace";
    private const string NoRoom = "> run of slot in ranges\n";
    private const string Nothing = "\n= 0\ncounts\n= 0 0 0 0 0 0 0 0 0 0 0\n";
    private const string Everything = "= 5286\ncounts\n= 4 3 3 2 58 1 1 1 2 1 3\n";

    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Data", "golden-real");
    private static readonly string[] s_kinds = ["bootmem", "nobootmem", "buddy"];

    public static TheoryData<string, string> Same
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string kind in s_kinds)
            {
                foreach (string file in Files(kind).Where(f => f != Full))
                {
                    data.Add(kind, file);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Same))]
    public void ABootIsPrintedBackByteForByte(string kind, string file)
    {
        string trace = Read(kind, file);
        Assert.Equal(trace, TraceFiles.Replay(trace, file));
    }

    // The map has 58 active ranges, and Linux's scratch list two slots for each of 27 reservations. It fills, counts as empty, and Linux
    // hands over nothing. Expect all else of that boot as Linux did it, and our hand-over of every free page.
    [Fact]
    public void WhereTheScratchListFillsEveryPageIsHandedOver()
    {
        string trace = Read("nobootmem", Full);
        string ours = TraceFiles.Replay(trace, Full);

        Assert.Equal(2, trace.Split(NoRoom).Length - 1);
        Assert.Contains(Nothing, trace, StringComparison.Ordinal);
        Assert.Contains(Everything, ours, StringComparison.Ordinal);
        string rows = ours[ours.IndexOf("- 0x1 0 7\n", StringComparison.Ordinal)..ours.IndexOf("= 5286\n", StringComparison.Ordinal)];
        string expected = trace.Replace(NoRoom, "", StringComparison.Ordinal)
            .Replace(Nothing, $"\n{rows}{Everything}", StringComparison.Ordinal);
        Assert.Equal(expected, ours);
    }

    // The figures of README.md and docs/linux-witness.md.
    [Fact]
    public void NoBootIsMissing()
    {
        Assert.Equal([25, 25, 3], s_kinds.Select(k => Files(k).Length));
        Assert.Equal(5473, s_kinds.Sum(k => Files(k).Sum(f => Read(k, f).Split('\n').Count(IsResult))));
        Assert.Equal(5220, s_kinds.Sum(k => Files(k).Where(f => f != Full).Sum(f => Read(k, f).Split('\n').Count(IsResult))));
    }

    // The 32-bit kernel has bitmaps in steps of 4 bytes, blocks of order 5 where ours have order 6, highmem, and another highest page frame
    // number. Expect the results of every other operation to be the same.
    [Fact]
    public void A32BitKernelDiffersInTwentyOperations()
    {
        (int same, int all) = (0, 0);
        foreach (string file in Files("x86-32"))
        {
            string trace = Read("x86-32", file);
            string[] real = Operations(trace);
            string[] ours = Operations(TraceFiles.Replay(trace, file));
            Assert.Equal(real.Length, ours.Length);
            same += real.Where((r, i) => r == ours[i]).Count();
            all += real.Length;
        }

        Assert.Equal((368, 388), (same, all));
    }

    private static bool IsResult(string line) => line.Length != 0 && line[0] is '>' or '-' or '=' or '!';

    // Each operation with its results.
    private static string[] Operations(string trace)
    {
        StringBuilder marked = new();
        foreach (string line in trace.Split('\n'))
        {
            bool starts = line.Length != 0 && char.IsAsciiLetterLower(line[0]) && !line.StartsWith("trace ", StringComparison.Ordinal);
            marked.Append(starts ? "\f" : "").Append(line).Append('\n');
        }

        return marked.ToString().Split('\f')[1..];
    }

    private static string[] Files(string kind)
        => [.. Directory.GetFiles(Path.Combine(s_folder, kind), "*.trace").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static string Read(string kind, string file) => File.ReadAllText(Path.Combine(s_folder, kind, file), Encoding.Latin1);
}
