using System;
using System.IO;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>QEMU's control connection (QMP: a line of JSON each way).</summary>
public sealed class QemuMonitor : IAsyncDisposable
{
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

    /// <summary>Connects and leaves the greeting behind.</summary>
    public static async Task<QemuMonitor> ConnectAsync(string path, CancellationToken cancel)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
        QemuMonitor monitor = new(socket);
        await monitor._reader.ReadLineAsync(cancel);
        await monitor.ExecuteAsync("qmp_capabilities", null, cancel);
        return monitor;
    }

    /// <summary>Carries out a command.</summary>
    /// <exception cref="FailedException">QEMU refuses it.</exception>
    public async Task ExecuteAsync(string command, JsonObject? arguments, CancellationToken cancel)
    {
        JsonObject request = new() { ["execute"] = command };
        if (arguments != null)
        {
            request["arguments"] = arguments;
        }

        await _writer.WriteLineAsync(request.ToJsonString().AsMemory(), cancel);
        while (await _reader.ReadLineAsync(cancel) is { } line)
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("return", out _))
            {
                return;
            }

            if (answer.RootElement.TryGetProperty("error", out JsonElement error))
            {
                throw new FailedException($"QEMU refuses {command}: {error.GetProperty("desc").GetString()}");
            }
        }

        throw new FailedException($"QEMU ended during {command}");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
