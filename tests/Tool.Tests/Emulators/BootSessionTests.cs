using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests.Emulators;

/// <summary>What a session makes of an emulator that is slow at the worst moment, as on a busy host.</summary>
public sealed class BootSessionTests
{
    private const string Done = "{\"return\": {}}\n";
    private const string NoKey = "{\"return\": \"portb[0x0064] = 0x1c\\r\\n\"}\n";
    private const string KeyUntaken = "{\"return\": \"portb[0x0064] = 0x1d\\r\\n\"}\n";
    private const int ScreenBytes = 80 * 25 * 2;

    /// <summary>What the monitor is asked for when it closes, and its last word, which may be cut short.</summary>
    public static TheoryData<string, string> Closings => new()
    {
        { "send-key", "" },
        { "send-key", "{\"retu" },
        { "pmemsave", "" },
        { "pmemsave", "{\"timestamp\": {\"seconds\": 1" },
        { "screendump", "" },
        { "screendump", "{" },
    };

    // QEMU closes its monitor between a key and its answer, and is gone a second later. Expect its end, not an error.
    [Theory]
    [MemberData(nameof(Closings))]
    public async Task AMonitorThatClosesBeforeTheEmulatorIsGoneIsTheMachinesEnd(string command, string last)
    {
        await using QemuStandIn qemu = new(
            $"printf '{BootLog.Prompt}'; {QemuStandIn.WaitForClose} sleep 1; exit {Qemu.Failed}",
            (asked, _, _) => asked == command ? last : asked == "human-monitor-command" ? NoKey : Done);

        BootResult result = await qemu.BootAsync(r => command switch
        {
            "send-key" => r with { ShellKeys = ["a", "ret"] },
            "pmemsave" => r with { MenuKeys = ["ret"] },
            _ => r with { ScreenFile = qemu.FileOf("screen.png") },
        });

        Assert.Equal((BootEnd.PoweredOff, false, BootLog.Prompt), (result.End, result.GuestSucceeded, result.Text));
    }

    // Expect all that a panic says to be waited for, and the exit status behind it, however long they take.
    [Fact]
    public async Task APanicIsHeardOut()
    {
        const string end = "---[ end Kernel panic - not syncing: too bad ]---";
        await using QemuStandIn qemu = new(
            "echo 'Kernel panic - not syncing: too bad'; echo 'bootalloc: panic message=\"too bad\"'; sleep 3; "
                + $"echo '{end}'; sleep 3; exit {Qemu.Failed}",
            (_, _, _) => Done);

        BootResult result = await qemu.BootAsync(r => r);

        Assert.Equal((BootEnd.Stopped, false), (result.End, result.GuestSucceeded));
        Assert.EndsWith(end + "\n", result.Text, StringComparison.Ordinal);
    }

    // Expect the line about a CPU that is too old to be whole; its machine never ends.
    [Fact]
    public async Task ACpuThatIsTooOldIsNamedInAWholeLine()
    {
        await using QemuStandIn qemu = new(
            "printf 'bootalloc: this CPU is too old: '; sleep 3; echo 'it is a 386.'; sleep 1000 & wait", (_, _, _) => Done);

        BootResult result = await qemu.BootAsync(r => r);

        Assert.Equal((BootEnd.Stopped, "bootalloc: this CPU is too old: it is a 386.\n"), (result.End, result.Text));
    }

    // Expect the exit status of an emulator that closes COM1 long before it ends.
    [Theory]
    [InlineData(Qemu.Succeeded, BootEnd.PoweredOff, true)]
    [InlineData(0, BootEnd.Reset, null)]
    public async Task TheEndOfComOneIsNotTheEndOfTheEmulator(int status, BootEnd end, bool? succeeded)
    {
        await using QemuStandIn qemu = new($"echo words; exec >&- 2>&-; sleep 3; exit {status}", (_, _, _) => Done);

        BootResult result = await qemu.BootAsync(r => r);

        Assert.Equal((end, succeeded, "words\n"), (result.End, result.GuestSucceeded, result.Text));
    }

    // Expect a machine whose menu ran out before anybody saw it to start again, and the next to stand still in its menu until the key.
    [Fact]
    public async Task AMenuThatRanOutIsBootedAgain()
    {
        await using QemuStandIn qemu = new(
            "if [ $START = 1 ]; then echo 'bootalloc: boot wrong'; sleep 1000 & wait; fi; until [ -e key ]; do sleep 0.05; done; "
                + $"echo 'bootalloc: boot right'; exit {Qemu.Succeeded}",
            (asked, arguments, folder) =>
            {
                if (asked == "pmemsave")
                {
                    bool isFirst = folder.Split('/')[^1] != "2";
                    File.WriteAllBytes(arguments.GetProperty("filename").GetString()!, Screen(isFirst ? "" : "  *CosmosBootAlloc lmb"));
                }
                else if (asked == "send-key")
                {
                    File.WriteAllText(Path.Combine(folder, "key"), "");
                }

                return Done;
            });

        BootResult result = await qemu.BootAsync(r => r with { MenuKeys = ["ret"] });

        Assert.Equal((BootEnd.PoweredOff, "bootalloc: boot right\n"), (result.End, result.Text));
        Assert.Equal(result.Text, await File.ReadAllTextAsync(result.LogFile));
        Assert.Equal(["pmemsave", "stop", "pmemsave", "cont", "send-key"], qemu.Commands.TakeLast(5));
    }

    // The keyboard controller drops what it has no room for. Expect the second key to wait until the first is taken.
    [Fact]
    public async Task AKeyWaitsUntilTheOneBeforeItIsTaken()
    {
        int looks = 0;
        await using QemuStandIn qemu = new(
            $"printf '{BootLog.Prompt}'; {QemuStandIn.WaitForClose} exit {Qemu.Succeeded}",
            (asked, arguments, _) => asked == "human-monitor-command" ? ++looks is > 1 and < 5 ? KeyUntaken : NoKey
                : arguments.GetProperty("keys")[0].GetProperty("data").GetString() == "b" ? "" : Done);

        await qemu.BootAsync(r => r with { ShellKeys = ["a", "b"] });

        const string look = "human-monitor-command";
        Assert.Equal([look, "send-key", look, look, look, look, "send-key"], qemu.Commands);
    }

    private static byte[] Screen(string text)
    {
        byte[] cells = new byte[ScreenBytes];
        foreach ((int i, char c) in text.Index())
        {
            cells[2 * i] = (byte)c;
        }

        return cells;
    }
}
