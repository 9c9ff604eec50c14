using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>QEMU's control connection (QMP: one line of JSON per message).</summary>
public sealed class QemuMonitor : IAsyncDisposable
{
    private const string SendKey = "send-key";

    // The keyboard controller: its status, and the bit of a byte that nobody has taken yet.
    private const string KeyboardStatus = "i /b 0x64";
    private const int Untaken = 0x01;
    private const int NoController = 0xff;

    // A machine that takes no key for so long takes none.
    private const int MostLooks = 6000;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_hold = TimeSpan.FromMilliseconds(20);

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private QemuMonitor(Socket socket)
    {
        _socket = socket;
        NetworkStream stream = new(socket);
        _reader = new StreamReader(stream);
        _writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Connects as soon as QEMU listens.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="ended">Whether QEMU has ended.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="MachineEndedException">QEMU ended.</exception>
    public static async Task<QemuMonitor> ConnectAsync(string path, Func<bool> ended, CancellationToken cancel)
    {
        while (true)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                QemuMonitor monitor = new(socket);
                await monitor.ReadAsync(cancel);
                await monitor.ExecuteAsync("qmp_capabilities", null, cancel);
                return monitor;
            }
            catch (MachineEndedException)
            {
                socket.Dispose();
                throw;
            }
            catch (SocketException)
            {
                socket.Dispose();
                if (ended())
                {
                    throw new MachineEndedException("QEMU ended");
                }

                await Task.Delay(s_hold, cancel);
            }
        }
    }

    /// <summary>Executes a command.</summary>
    /// <returns>What it answers.</returns>
    /// <exception cref="FailedException">QEMU refuses it.</exception>
    /// <exception cref="MachineEndedException">QEMU ended.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancel)
    {
        await SendAsync(command, Request(command, arguments), cancel);
        return await AnswerAsync(command, cancel);
    }

    /// <summary>
    /// Presses and releases a key of the machine's keyboard, by QEMU's name for it; several joined by '-' are pressed together. Waits until
    /// the machine has taken the keys before it: the controller holds 16 bytes, and drops what comes then.
    /// </summary>
    public async Task PressAsync(string keys, CancellationToken cancel)
    {
        for (int looks = 0; looks < MostLooks && await HasKeyAsync(cancel); looks++)
        {
            await Task.Delay(s_look, cancel);
        }

        await ExecuteAsync(SendKey, Keys(keys), cancel);
        await Task.Delay(s_hold * 2, cancel);
    }

    /// <summary>Lets a machine that is stopped go on with a key pressed: however late this program is, the machine waits.</summary>
    public async Task ContinueAndPressAsync(string keys, CancellationToken cancel)
    {
        // In one piece, since a machine that is stopped takes no key.
        const string go = "cont";
        await SendAsync(go, Request(go, null) + "\n" + Request(SendKey, Keys(keys)), cancel);
        await AnswerAsync(go, cancel);
        await AnswerAsync(SendKey, cancel);
        await Task.Delay(s_hold * 2, cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Request(string command, JsonObject? arguments)
    {
        JsonObject request = new() { ["execute"] = command };
        if (arguments != null)
        {
            request["arguments"] = arguments;
        }

        return request.ToJsonString();
    }

    private static JsonObject Keys(string keys)
    {
        JsonArray names = [];
        foreach (string key in keys.Split('-'))
        {
            names.Add(new JsonObject { ["type"] = "qcode", ["data"] = key });
        }

        return new JsonObject { ["keys"] = names, ["hold-time"] = (int)s_hold.TotalMilliseconds };
    }

    // The answer is such as "portb[0x0064] = 0x1c".
    private async Task<bool> HasKeyAsync(CancellationToken cancel)
    {
        JsonElement answer = await ExecuteAsync(
            "human-monitor-command", new JsonObject { ["command-line"] = KeyboardStatus }, cancel);
        string value = answer.GetString()!.Trim().Split("0x")[^1];
        return int.TryParse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int status) && status != NoController
            && (status & Untaken) != 0;
    }

    private async Task SendAsync(string command, string text, CancellationToken cancel)
    {
        try
        {
            await _writer.WriteLineAsync(text.AsMemory(), cancel);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new MachineEndedException($"QEMU ended during {command}");
        }
    }

    private async Task<JsonElement> AnswerAsync(string command, CancellationToken cancel)
    {
        while (true)
        {
            // Between request and answer QEMU reports events, which do not matter here.
            using JsonDocument answer = Parse(await ReadAsync(cancel));
            if (answer.RootElement.TryGetProperty("return", out JsonElement result))
            {
                return result.Clone();
            }

            if (answer.RootElement.TryGetProperty("error", out JsonElement error))
            {
                throw new FailedException($"QEMU refuses {command}: {error.GetProperty("desc").GetString()}");
            }
        }
    }

    // The last line of a QEMU that is ending may be cut short.
    private static JsonDocument Parse(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            throw new MachineEndedException("QEMU ended in mid-line");
        }
    }

    private async Task<string> ReadAsync(CancellationToken cancel)
    {
        try
        {
            return await _reader.ReadLineAsync(cancel) ?? throw new MachineEndedException("QEMU ended");
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new MachineEndedException("QEMU ended");
        }
    }
}
