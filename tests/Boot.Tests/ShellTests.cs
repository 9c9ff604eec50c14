using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The shell over the serial port. One boot a variant serves all the questions.</summary>
public sealed class ShellTests
{
    private static readonly string[] s_commands =
    [
        "help", "help meminfo", "dmesg", "summary", "e820", "reservations", "buddyinfo", "meminfo", "config", "selftest", "bench",
        "frobnicate", "  help   config  ", "",
    ];

    private static readonly ConcurrentDictionary<string, Lazy<Task<BootResult>>> s_sessions = new();

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task AllOfItEndsWell(string variant) => Lab.AssertGood(await SessionAsync(variant));

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task HelpNamesEveryCommand(string variant)
    {
        BootResult result = await SessionAsync(variant);

        string[] commands =
            ["help", "dmesg", "e820", "reservations", "buddyinfo", "meminfo", "config", "selftest", "bench", "reboot", "poweroff"];
        foreach (string command in commands)
        {
            Assert.Matches($@"(?m)^ +{command}\b", Lab.Answer(result, "help"));
        }

        Assert.Single(Lab.Answer(result, "help meminfo").Trim().Split('\n'));
        Assert.Contains("config", Lab.Answer(result, "  help   config  "), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task DmesgRepeatsTheBootLog(string variant)
    {
        BootResult result = await SessionAsync(variant);
        string answer = Lab.Answer(result, "dmesg");

        string boot = result.Text[result.Text.IndexOf('[', StringComparison.Ordinal)..result.Text.IndexOf("\n\nType",
            StringComparison.Ordinal)];
        Assert.Contains(boot, answer, StringComparison.Ordinal);
    }

    // Expect a comparison to take the summary for the log: the same figures for stages, owners, sums, and tests.
    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task TheSummaryHasTheFiguresOfTheLog(string variant)
    {
        BootResult result = await SessionAsync(variant);

        BootLog summary = BootCapture.Read("summary", LineSource.Read(Lab.Answer(result, "summary"))).Chosen;

        Assert.Equal(result.Log.Cpu, summary.Cpu);
        foreach (string key in new[] { "variant", "toolchain", "version", "cmdline" })
        {
            Assert.Equal(result.Log.Boot![key]?.Trim(), summary.Boot![key]);
        }

        string[] kinds = ["stage", "accounted", "selftest", "done"];
        IEnumerable<Fact> booted = result.Log.Facts.TakeWhile(f => f.Kind != "done").Append(result.Log.Done!);
        Assert.Equal(
            booted.Where(f => kinds.Contains(f.Kind))
                .Select(f => string.Join(' ', f.Fields.Where(p => f.Kind != "stage" || p.Value != "0"))),
            summary.Facts.Where(f => kinds.Contains(f.Kind)).Select(f => string.Join(' ', f.Fields)));
        Assert.Equal(
            booted.Where(f => f.Kind == "account").Select(f => (f["name"], f["pages"])),
            summary.Accounts.Select(f => (f["name"], f["pages"])));
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task E820ShowsTheCleanMap(string variant)
    {
        BootResult result = await SessionAsync(variant);
        string answer = Lab.Answer(result, "e820");

        Assert.Matches(@"0000000000000000 - 0000000000001000 \(reserved\)", answer);
        Assert.Matches(@"0000000000100000 - 0000000007[0-9a-f]{6} \(usable\)", answer);
        Assert.Equal((ulong)answer.Trim().Split('\n').Length, result.Log.Stage("e820")!.Number("entries"));
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task ReservationsNameWhoOwnsWhat(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), "reservations");

        Assert.Contains("TEXT DATA BSS", answer, StringComparison.Ordinal);
        Assert.Contains("mem_map", answer, StringComparison.Ordinal);
        Assert.Contains("page 0", answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task BuddyinfoAndMeminfoAgreeWithTheLog(string variant)
    {
        BootResult result = await SessionAsync(variant);
        string zones = Lab.Answer(result, "buddyinfo");
        string memory = Lab.Answer(result, "meminfo");
        ulong managed = result.Log.Stage("buddy")!.Number("managed_pages")!.Value;

        ulong free = 0;
        foreach (string name in new[] { "DMA", "DMA32" })
        {
            Match zone = Regex.Match(zones, $@"zone +{name}((?: +\d+){{11}})");
            Assert.True(zone.Success, $"no line of eleven orders for zone {name} in:\n{zones}");
            ulong[] blocks = [.. zone.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ulong.Parse)];
            for (int order = 0; order < blocks.Length; order++)
            {
                free += blocks[order] << order;
            }
        }

        // Nothing is allocated between the two commands: the blocks add up to what meminfo calls free.
        Assert.Equal(free * 4, Kilobytes(memory, "MemFree"));
        Assert.InRange(Kilobytes(memory, "MemTotal"), (managed - 256) * 4, managed * 4);
        Assert.True(Kilobytes(memory, "MemFree") <= Kilobytes(memory, "MemTotal"));
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task ConfigNamesVariantAndLoader(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), "config");

        Assert.Matches($@"(?m)^variant +{variant}$", answer);
        Assert.Matches(@"(?m)^loader +qemu$", answer);
        Assert.Contains("nativeaot", answer, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task SelftestAgainPasses(string variant)
        => Assert.Matches(@"bootalloc: selftest passed=[1-9]\d* failed=0", Lab.Answer(await SessionAsync(variant), "selftest"));

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task BenchMeasures(string variant)
        => Assert.Matches(@"bootalloc: bench name=\w+ ops=[1-9]\d* ticks_per_op=\d+", Lab.Answer(await SessionAsync(variant), "bench"));

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task AnUnknownCommandGivesAHint(string variant)
    {
        string answer = Lab.Answer(await SessionAsync(variant), "frobnicate");

        Assert.Contains("frobnicate", answer, StringComparison.Ordinal);
        Assert.Contains("help", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BackspaceTakesTheLastCharacterAway()
    {
        // "hepp", two characters back, "lp": help. Then more backspaces than characters, and delete in the place of backspace.
        BootResult result = await Lab.BootAsync(Lab.AnyVariant, "", "hepp\b\blp", "x\b\b\b\bhelp config", "confih\x7fg");

        Lab.AssertGood(result);
        Assert.Equal(2, Regex.Count(result.Text, "(?m)^  config "));
        Assert.Equal(1, Regex.Count(result.Text, "(?m)^variant "));
    }

    [Fact]
    public async Task ALineLongerThanAnyCommandDoesNoHarm()
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant, "", new string('x', 300), string.Concat(Enumerable.Repeat("a ", 100)), "help");

        Lab.AssertGood(result);
        Lab.AssertSays(result, "who owns which memory");
    }

    [Fact]
    public async Task TheKeyboardWorksBesideTheSerialPort()
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions(),
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { ShellKeys = ["m", "e", "x", "backspace", "m", "i", "n", "f", "o", "ret"], Commands = ["config"] });

        Lab.AssertGood(result);
        Lab.AssertSays(result, "MemFree:");
        Lab.AssertSays(result, "toolchain    nativeaot");
    }

    [Fact]
    public async Task RebootResetsTheMachine()
    {
        BootResult result = await Lab.BootAsync(Lab.AnyVariant, "", "reboot");

        Assert.Equal(BootEnd.Reset, result.End);
        Assert.Equal("ok", result.Log.Done!["status"]);
    }

    [Fact]
    public async Task TheShellWorksOverBochsSerialPort()
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { Emulator = Bochs.Instance },
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { Commands = ["meminfo", "selftest"] });

        Lab.AssertGood(result);
        Lab.AssertSays(result, "MemFree:");
    }

    private static Task<BootResult> SessionAsync(string variant)
        => s_sessions.GetOrAdd(variant, v => new Lazy<Task<BootResult>>(() => Lab.BootAsync(v, "", s_commands))).Value;

    private static ulong Kilobytes(string text, string name)
    {
        Match line = Regex.Match(text, $@"(?m)^{name}: +(\d+) kB$");
        Assert.True(line.Success, $"no line '{name}: N kB' in:\n{text}");
        return ulong.Parse(line.Groups[1].Value);
    }
}
