using System;
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
        JsonObject request = new() { ["execute"] = command };
        if (arguments != null)
        {
            request["arguments"] = arguments;
        }

        try
        {
            await _writer.WriteLineAsync(request.ToJsonString().AsMemory(), cancel);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new MachineEndedException($"QEMU ended during {command}");
        }

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

    /// <summary>
    /// Presses and releases a key of the machine's keyboard, by QEMU's name for it; several joined by '-' are pressed together.
    /// </summary>
    public async Task PressAsync(string keys, CancellationToken cancel)
    {
        JsonArray names = [];
        foreach (string key in keys.Split('-'))
        {
            names.Add(new JsonObject { ["type"] = "qcode", ["data"] = key });
        }

        await ExecuteAsync("send-key", new JsonObject { ["keys"] = names, ["hold-time"] = (int)s_hold.TotalMilliseconds }, cancel);
        await Task.Delay(s_hold * 2, cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
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
