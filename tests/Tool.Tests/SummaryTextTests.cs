using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The kernel's summary, typed in or read from a photograph.</summary>
public sealed class SummaryTextTests
{
    private const string Typed = "bootmem-128m.txt";
    private const string Photographed = "bootmem-128m-ocr.txt";

    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Data", "summaries");
    private static readonly string s_typed = File.ReadAllText(Path.Combine(s_folder, Typed));

    [Fact]
    public void ItGivesTheFiguresOfTheLog()
    {
        BootLog log = Read(s_typed);

        Assert.Equal("bootmem", log.Variant);
        Assert.Equal("nativeaot", log.Boot!["toolchain"]);
        Assert.Equal(4096UL, log.Stage("bootmem")!.Number("bitmap_bytes"));
        Assert.Equal(28576UL, log.Stage("buddy")!.Number("dma32_free_pages"));
        Assert.Equal(0UL, log.Stage("e820")!.Number("above_4g_kb"));
        Assert.Equal(106UL, log.PagesOf("TEXT DATA BSS"));
        Assert.Equal(1UL, log.PagesOf("page 0"));
        Assert.Equal("GenuineIntel \"QEMU Virtual CPU version 2.5+\" signature 00000663, 1000 MHz (measured)", log.Cpu);
        Assert.Equal(156336UL, log.TicksToHeap);
        Assert.True(log.CountsInstructions);
        Assert.Empty(BootLogChecks.Check(log));
    }

    [Theory]
    [InlineData("one blank between the words")]
    [InlineData("no commas between the items")]
    [InlineData("upper case")]
    [InlineData("behind a prompt, with text before and after")]
    public void HowItIsTypedDoesNotMatter(string how)
    {
        string text = how switch
        {
            "upper case" => s_typed.ToUpperInvariant(),
            "no commas between the items" => s_typed.Replace(", ", " ", StringComparison.Ordinal),
            "one blank between the words"
                => string.Join('\n', s_typed.Split('\n')
                    .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))),
            _ => "from the old PC:\n\n> " + s_typed + "bootalloc> _\n",
        };

        Assert.Equal(Facts(Read(s_typed)), Facts(Read(text)), StringComparer.OrdinalIgnoreCase);
    }

    // Expect the one row that only a person can mend to be named, and all to be right once it is.
    [Fact]
    public void ACameraMisreadsOneRow()
    {
        string text = File.ReadAllText(Path.Combine(s_folder, Photographed), Encoding.Latin1);

        string message = Assert.Throws<BadInputException>(() => Read(text)).Message;

        Assert.Contains(":6: 1 of 17 rows", message, StringComparison.Ordinal);
        Assert.Contains("line 6: buddy managed pages 32,639, free pages 32,468, blocks 55, 32?", message, StringComparison.Ordinal);
        Assert.Equal(Facts(Read(s_typed)), Facts(Read(text.Replace("55, 32?", "55, 377", StringComparison.Ordinal))));
    }

    // Expect no wrong character anywhere to give a wrong figure.
    [Fact]
    public void AWrongCharacterIsFoundWhereverItIs()
    {
        List<string> right = Facts(Read(s_typed));
        int found = 0;
        for (int at = 0; at < s_typed.Length; at++)
        {
            foreach (char wrong in "3k".Where(c => char.IsAsciiLetterOrDigit(s_typed[at]) && c != s_typed[at]))
            {
                string text = s_typed[..at] + wrong + s_typed[(at + 1)..];
                try
                {
                    Assert.Equal(right, Facts(Read(text)));
                }
                catch (BadInputException)
                {
                    found++;
                }
            }
        }

        Assert.True(found > 1000, $"only {found}");
    }

    [Fact]
    public void ARowThatIsMissingTwiceOrElsewhereIsFound()
    {
        string[] rows = s_typed.TrimEnd('\n').Split('\n');
        string[][] wrong =
        [
            [.. rows.Where((_, i) => i != 4)],
            [.. rows.Take(5), .. rows.Skip(4)],
            [rows[0], rows[3], rows[4], rows[1], rows[2], .. rows.Skip(5)],
        ];

        foreach (string[] text in wrong)
        {
            Assert.Contains("a row is missing, twice, or at another place",
                Assert.Throws<BadInputException>(() => Read(string.Join('\n', text))).Message, StringComparison.Ordinal);
        }

        Assert.Contains("its last row, 'code' and ten digits, was not found",
            Assert.Throws<BadInputException>(() => Read(string.Join('\n', rows.SkipLast(1)))).Message, StringComparison.Ordinal);
    }

    // Expect what a summary does not say not to count as a difference.
    [Fact]
    public void ItComparesWithALog()
    {
        BootLog log = BootLog.Load(Path.Combine(RecordedLogTests.Folder, "module-128m-bootmem.log"));
        Comparison comparison = new([Read(s_typed), log]);

        Assert.DoesNotContain(comparison.Rows, r => r.Differs && r.Values[0] == null);
        Assert.Contains(comparison.Rows, r => r.Differs);
        Assert.Empty(comparison.Own(1));
    }

    private static BootLog Read(string text) => BootCapture.Read("summary.txt", LineSource.Read(text)).Chosen;

    private static List<string> Facts(BootLog log) => [.. log.Facts.Select(f => f.Kind + " " + string.Join(' ', f.Fields))];
}
