using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Processes;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>No door is open while a machine runs: neither its emulator nor this program listens on a TCP port.</summary>
public sealed class SocketTests
{
    private const string Listening = "0A";
    private const int SignalInterrupt = 2;

    private static readonly string s_bootalloc = Path.Combine(AppContext.BaseDirectory, "bootalloc.dll");

    public static IEnumerable<TheoryDataRow<string>> Emulators() => EmulatorList.Words.Select(w => new TheoryDataRow<string>(w));

    [Theory]
    [MemberData(nameof(Emulators))]
    public async Task NobodyListensWhileAMachineRuns(string emulator)
    {
        int looks = 0;
        HashSet<string> found = [];
        void Look(string piece)
        {
            looks++;
            found.UnionWith(Listeners());
        }

        BootResult result = await Lab.BootAsync(
            Lab.AnyVariant,
            new MachineOptions { Emulator = EmulatorList.Find(emulator)! },
            new BootEntry(BootProtocol.Multiboot2, "", null),
            r => r with { Live = Look });

        Lab.AssertGood(result);
        Assert.NotEqual(0, looks);
        Assert.Empty(found);
    }

    // The one door that can be opened; not while the others look for some. Expect a viewer to find the screen on the loopback interface,
    // and the machine to wait for it although its commands are done.
    [Fact]
    public async Task AVncViewerFindsTheScreen()
    {
        await Lab.BuiltAsync(Lab.AnyVariant);
        string log = Lab.NewFile(".log");
        ProcessStartInfo start = new(
            Dotnet.Program, [s_bootalloc, "run", Lab.AnyVariant, "--vnc", "--command", "meminfo", "--quiet", "--log", log])
        {
            RedirectStandardError = true,
        };
        using Process tool = Process.Start(start)!;
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(15));
        Match place = Match.Empty;
        while (!place.Success && await tool.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            place = Regex.Match(line, @"the screen is at (127\.0\.0\.1:\d+)");
        }

        using TcpClient viewer = new();
        await viewer.ConnectAsync(IPEndPoint.Parse(place.Groups[1].Value), limit.Token);
        byte[] hello = new byte[12];
        await viewer.GetStream().ReadExactlyAsync(hello, limit.Token);

        Assert.Equal("RFB 003.008\n", Encoding.ASCII.GetString(hello));
        Assert.Equal(0, kill(tool.Id, SignalInterrupt));
        await tool.WaitForExitAsync(limit.Token);
        Assert.Equal(ExitStatus.Interrupted, tool.ExitCode);
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);

    // The listening TCP sockets of what this process has started, as /proc shows them: "program (pid) address". The test host's own are
    // left out: the runner has one.
    private static IEnumerable<string> Listeners()
    {
        Dictionary<string, string> sockets = [];
        foreach (string[] words in new[] { "tcp", "tcp6" }.SelectMany(t => File.ReadLines($"/proc/net/{t}").Skip(1))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (words[3] == Listening)
            {
                sockets[$"socket:[{words[9]}]"] = words[1];
            }
        }

        return from pid in Descendants(Environment.ProcessId)
               from socket in Sockets(pid)
               where sockets.ContainsKey(socket)
               select $"{pid} {sockets[socket]}";
    }

    private static IEnumerable<int> Descendants(int pid)
    {
        ILookup<int, int> children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!)).ToLookup(Parent);
        Queue<int> next = new(children[pid]);
        while (next.TryDequeue(out int found))
        {
            yield return found;
            foreach (int child in children[found])
            {
                next.Enqueue(child);
            }
        }
    }

    private static int Parent(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static IEnumerable<string> Sockets(int pid)
    {
        try
        {
            return [.. Directory.EnumerateFiles($"/proc/{pid}/fd").Select(f => File.ResolveLinkTarget(f, false)?.Name ?? "")];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
