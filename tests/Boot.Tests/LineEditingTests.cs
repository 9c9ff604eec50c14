using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The shell's line under the keys of a terminal on COM1 and of the keyboard, the pager, and the look back.</summary>
public sealed class LineEditingTests
{
    private const string Up = "\u001b[A";
    private const string Down = "\u001b[B";
    private const string Right = "\u001b[C";
    private const string Left = "\u001bOD";
    private const string Home = "\u001b[1~";
    private const string End = "\u001b[F";
    private const string Delete = "\u001b[3~";

    // What is typed, and the line that the shell must take it for: it names the first word that is no command.
    private static readonly (string Typed, string Line)[] s_lines =
    [
        ("xcd" + Left + Left + "b" + End + "e", "xbcde"),
        ("12x" + Home + Delete + Delete + "y", "yx"),
        ("abc" + Left + "\b" + "z" + Right + "q", "azcq"),
        ("gone\u0015stays", "stays"),
        ("abc" + Home + Right + "\u000b", "a"),
        ("\u0005one\u0001two", "twoone"),
        (Up, "twoone"),
        (Up + Up + Up + "1" + Down + Down + "\u0015" + Up + "2", "a2"),
        (Left + Delete + "\b\b" + Right + "x\u001b[15;2~", "x"),
        ("xmeminf\t", "xmeminf"),
    ];

    [Fact]
    public async Task TheKeysOfATerminalEditTheLine()
    {
        BootResult result = await Lab.BootAsync(Lab.AnyVariant, "", [.. s_lines.Select(l => l.Typed), "memi\t", "help co\t", "sa\t fd0 x"]);

        Lab.AssertGood(result);
        const string unknown = ": no such command; type 'help' for the list";
        string[] said = [.. result.Text.Split('\n').Where(l => l.EndsWith(unknown, StringComparison.Ordinal))];
        Assert.Equal(s_lines.Select(l => l.Line), said.Select(l => l.Split(':')[0]));
        Lab.AssertSays(result, "MemTotal:");
        Lab.AssertSays(result, "variant, chain, toolchain, loader, options");
        Lab.AssertSays(result, "save: expected at most 1 argument ([DISK]), found 'x' behind; not run");
    }

    // help is longer than the screen: at the keyboard it stops, q drops the rest of it, and the shell goes on.
    // dmesg over COM1 does not stop.
    [Fact]
    public async Task TheKeyboardHasAPagerAndALayoutAndTheSerialLineNone()
    {
        string screen = Lab.NewFile(".txt");
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions(),
            new(Tool.Build.BootProtocol.Multiboot2, "", null),
            r => r with
            {
                ShellKeys = [.. Keys("keymap"), "spc", "d", "e", "ret", .. Keys("help"), "ret", "q", "z", "y", "slash", "ret"],
                Commands = ["dmesg"],
                ScreenFile = screen,
            });

        Lab.AssertGood(result);
        Lab.AssertSays(result, "  help [COMMAND]");
        Assert.DoesNotContain("  poweroff ", result.Text, StringComparison.Ordinal);
        Lab.AssertSays(result, "^C: help stopped");
        Lab.AssertSays(result, "yz-: no such command");
        Assert.DoesNotContain("-- more", result.Text, StringComparison.Ordinal);
        Assert.Contains("bootalloc: done status=ok", Lab.Answer(result, "dmesg"), StringComparison.Ordinal);
        Assert.Contains("bootalloc>", await File.ReadAllTextAsync(screen), StringComparison.Ordinal);
    }

    // Expect the machine to stop by itself: nobody may be there to answer.
    [Fact]
    public async Task APanicDoesNotWaitForAKey()
    {
        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions(),
            new(Tool.Build.BootProtocol.Multiboot2, "", null),
            r => r with { ShellKeys = [.. Keys("crash"), "spc", .. Keys("opcode"), "ret"] });

        Assert.NotEqual(BootEnd.TimedOut, result.End);
        Lab.AssertSays(result, "end Kernel panic");
    }

    // What scrolled off comes back, and any key ends the look.
    [Fact]
    public async Task ShiftAndPageUpLookBack()
    {
        const string old = "mem_map";
        string[] back = ["shift-pgup", "shift-pgup"];
        await using SerialLine line = await SerialLine.StartAsync(128, "");
        await line.ReadUntilAsync("\n" + BootLog.Prompt, 0);
        await line.PressAsync([.. Keys("reservations"), "ret"]);
        await line.ScreenAsync(s => s.Contains(old, StringComparison.Ordinal));
        await line.PressAsync([.. Keys("help"), "ret", "spc"]);
        string end = await line.ScreenAsync(IsEnd);

        await line.PressAsync(back);
        await line.ScreenAsync(s => s.Contains(old, StringComparison.Ordinal));
        await line.PressAsync("shift-pgdn", "shift-pgdn", "shift-pgdn");
        Assert.Equal(end, await line.ScreenAsync(IsEnd));

        await line.PressAsync(back);
        await line.ScreenAsync(s => s.Contains(old, StringComparison.Ordinal));
        await line.PressAsync("spc");
        Assert.Equal(end, await line.ScreenAsync(IsEnd));

        static bool IsEnd(string screen)
            => !screen.Contains(old, StringComparison.Ordinal) && screen.TrimEnd().EndsWith("bootalloc>", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Keys(string letters) => letters.Select(c => c.ToString());
}
