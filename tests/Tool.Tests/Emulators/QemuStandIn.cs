using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Tests.Emulators;

/// <summary>
/// A QEMU that only pretends: a script is its machine with COM1, and this object its monitor. So it can be slow just where a real one is
/// only on a busy host.
/// </summary>
internal sealed class QemuStandIn : IAsyncDisposable
{
    /// <summary>The script's end of a line: the monitor has been closed for good.</summary>
    internal const string WaitForClose = "until [ -e closed ]; do sleep 0.05; done; ";

    private readonly TemporaryTree _tree = new();
    private readonly CancellationTokenSource _over = new();
    private readonly InstalledPrograms _programs;
    private readonly Task _serving;

    /// <summary>Makes one.</summary>
    /// <param name="machine">The script; it runs in the folder of the monitor's socket. $START counts the starts from 1.</param>
    /// <param name="answer">
    /// The monitor's answer to a command, by its name and arguments, and the folder; what does not end with a line feed is the monitor's
    /// last word.
    /// </param>
    internal QemuStandIn(string machine, Func<string, JsonElement, string, string> answer)
    {
        string starts = Path.Combine(_tree.Root, "starts");
        _tree.WriteProgram(
            "bin/qemu-system-i386",
            $"echo >> '{starts}'; START=$(($(wc -l < '{starts}'))); pwd > '{Place}.new'; mv '{Place}.new' '{Place}'; {machine}");
        _programs = new InstalledPrograms(Path.Combine(_tree.Root, "bin"), installing: false, _ => { });
        _serving = ServeAsync(answer);
    }

    /// <summary>The commands that the monitor was given, but for what begins each connection.</summary>
    internal ConcurrentQueue<string> Commands { get; } = new();

    private string Place => Path.Combine(_tree.Root, "place");

    /// <summary>A file of the test's.</summary>
    internal string FileOf(string name) => Path.Combine(_tree.Root, name);

    /// <summary>Boots it.</summary>
    internal Task<BootResult> BootAsync(Func<BootRequest, BootRequest> change)
    {
        BootRequest request = new()
        {
            Machine = new MachineOptions(),
            Source = new BootSource(_tree.Write("boot.iso", "")),
            LogFile = FileOf("boot.log"),
            PowerOff = false,
            TimeLimit = TimeSpan.FromMinutes(10),
        };
        return new BootSession(_programs).RunAsync(change(request), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
        _tree.Dispose();
    }

    // A monitor in the folder of each start.
    private async Task ServeAsync(Func<string, JsonElement, string, string> answer)
    {
        string served = "";
        while (true)
        {
            string folder = File.Exists(Place) ? (await File.ReadAllTextAsync(Place, _over.Token)).TrimEnd('\n') : served;
            if (folder == served)
            {
                await Task.Delay(20, _over.Token);
                continue;
            }

            served = folder;
            _ = ServeAsync(folder, answer);
        }
    }

    private async Task ServeAsync(string folder, Func<string, JsonElement, string, string> answer)
    {
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "qmp")));
        listener.Listen();
        bool goesOn = true;
        while (goesOn)
        {
            using NetworkStream stream = new(await listener.AcceptAsync(_over.Token), ownsSocket: true);
            goesOn = await TalkAsync(stream, folder, answer);
        }

        listener.Close();
        await File.WriteAllTextAsync(Path.Combine(folder, "closed"), "", _over.Token);
    }

    private async Task<bool> TalkAsync(NetworkStream stream, string folder, Func<string, JsonElement, string, string> answer)
    {
        using StreamReader reader = new(stream);
        await stream.WriteAsync("{\"QMP\": {}}\n"u8.ToArray(), _over.Token);
        while (await reader.ReadLineAsync(_over.Token) is { } line)
        {
            using JsonDocument request = JsonDocument.Parse(line);
            string command = request.RootElement.GetProperty("execute").GetString()!;
            request.RootElement.TryGetProperty("arguments", out JsonElement arguments);
            string text = "{\"return\": {}}\n";
            if (command != "qmp_capabilities")
            {
                Commands.Enqueue(command);
                text = answer(command, arguments, folder);
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), _over.Token);
            if (!text.EndsWith('\n'))
            {
                return false;
            }
        }

        return true;
    }
}
