using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipes;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// A machine in QEMU and its COM1. A thread reads all that it sends, from a pipe that holds a megabyte: a kernel drops what nobody reads
/// for half a second, and a busy host may stop this program for longer. For tests of just that, COM1 is a socket: what it sends is read
/// only while a test reads, and little fits in between (about 280 bytes, since QEMU sends each by itself).
/// </summary>
internal sealed class SerialLine : IAsyncDisposable
{
    private const int SetPipeSize = 1031;
    private const int PipeBytes = 1 << 20;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly TemporaryFolder _work = new();
    private readonly CancellationTokenSource _cancel = new(s_limit);
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();
    private readonly ChildProcess _process;
    private readonly bool _isSocket;
    private byte[] _text = new byte[1 << 16];

    private SerialLine(string program, IEnumerable<string> image, int megabytes, Port port, bool reboots)
    {
        _isSocket = port == Port.Socket;
        List<string> arguments =
        [
            "-m", $"{megabytes}M", "-nodefaults", "-vga", "std", "-display", "none", "-nic", "none",
            "-action", reboots ? "reboot=reset" : "reboot=shutdown",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-qmp", $"unix:{Monitor},server=on,wait=off",
            .. image,
        ];
        if (port != Port.None)
        {
            string way = _isSocket ? $"socket,path={Path.Combine(_work.Path, "com1")},server=on,wait=on" : "stdio,signal=off";
            arguments.AddRange(["-chardev", way + ",id=com1", "-serial", "chardev:com1"]);
        }

        _process = ChildProcess.Start(program, arguments, s_limit, _work.Path);
        if (port != Port.Pipe)
        {
            _process.DropOutput();
            return;
        }

        _ = new OutputTail(null, _process.Error);
        _ = fcntl((int)((PipeStream)_process.Output).SafePipeHandle.DangerousGetHandle(), SetPipeSize, PipeBytes);
        Stream output = _process.Output;
        new Thread(() => Read(output)) { IsBackground = true, Name = "COM1" }.Start();
    }

    /// <summary>What a machine's COM1 is.</summary>
    internal enum Port
    {
        /// <summary>There is none.</summary>
        None,

        /// <summary>A pipe that is always read.</summary>
        Pipe,

        /// <summary>A socket that is read while a test reads.</summary>
        Socket,
    }

    /// <summary>Bytes read so far.</summary>
    internal int Position { get; private set; }

    private string Monitor => Path.Combine(_work.Path, "qmp");

    /// <summary>Starts the machine.</summary>
    /// <param name="megabytes">RAM.</param>
    /// <param name="commandLine">The kernel's.</param>
    /// <param name="port">Its COM1.</param>
    /// <param name="reboots">Whether a reset starts it again, its memory as it is, or ends it.</param>
    internal static async Task<SerialLine> StartAsync(int megabytes, string commandLine, Port port = Port.Pipe, bool reboots = false)
    {
        string kernel = (await Lab.BuiltAsync(Lab.AnyVariant)).Kernel;
        return await StartAsync(["-kernel", kernel, "-append", commandLine], megabytes, port, reboots);
    }

    /// <summary>Starts the machine from an image of toolchain cosmos.</summary>
    /// <param name="megabytes">RAM.</param>
    /// <param name="port">Its COM1.</param>
    internal static async Task<SerialLine> StartCosmosAsync(int megabytes, Port port = Port.Pipe)
    {
        string image = (await Lab.BuiltAsync(Lab.AnyVariant, Toolchain.Cosmos)).Iso;
        return await StartAsync(["-cdrom", image], megabytes, port, reboots: false);
    }

    /// <summary>What was read from a position on.</summary>
    internal string TextFrom(int position) => Encoding.Latin1.GetString(_text, position, Position - position);

    /// <summary>Reads until <paramref name="words"/> have come, beyond a position.</summary>
    /// <returns>Everything read from that position on.</returns>
    internal async Task<string> ReadUntilAsync(string words, int from)
    {
        if (!await TryReadUntilAsync(words, from, s_limit))
        {
            throw new TimeoutException($"'{words.Trim()}' did not come; at the end: {TextFrom(Math.Max(from, Position - 2000))}");
        }

        return TextFrom(from);
    }

    /// <summary>The same, but gives up when nothing has come for a second, or a given time.</summary>
    /// <returns>False if it gave up.</returns>
    internal async Task<bool> TryReadUntilAsync(string words, int from, TimeSpan? patience = null)
    {
        byte[] wanted = Encoding.Latin1.GetBytes(words);
        int start = from;
        while (_text.AsSpan(start, Position - start).IndexOf(wanted) < 0)
        {
            start = Math.Max(start, Position - wanted.Length);
            ReadOnlyMemory<byte> piece;
            try
            {
                using CancellationTokenSource waiting = CancellationTokenSource.CreateLinkedTokenSource(_cancel.Token);
                waiting.CancelAfter(patience ?? TimeSpan.FromSeconds(1));
                piece = await ReceiveAsync(waiting.Token);
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            if (piece.Length == 0)
            {
                throw new IOException($"QEMU ended before '{words.Trim()}': {TextFrom(Math.Max(from, Position - 2000))}");
            }

            if (Position + piece.Length > _text.Length)
            {
                Array.Resize(ref _text, 2 * (_text.Length + piece.Length));
            }

            piece.Span.CopyTo(_text.AsSpan(Position));
            Position += piece.Length;
        }

        return true;
    }

    /// <summary>Sends a command, and reads to the prompt behind its answer.</summary>
    /// <returns>All that came: echo, answer, prompt.</returns>
    internal async Task<string> AskAsync(string command)
    {
        int from = Position;
        await SendAsync(command + "\r");
        return await ReadUntilAsync("\n" + BootLog.Prompt, from);
    }

    /// <summary>Sends bytes; waits while the machine takes none.</summary>
    internal async Task SendAsync(string text)
    {
        ReadOnlyMemory<byte> left = Encoding.Latin1.GetBytes(text);
        if (!_isSocket)
        {
            await _process.Input.WriteAsync(left, _cancel.Token);
            await _process.Input.FlushAsync(_cancel.Token);
            return;
        }

        while (left.Length != 0)
        {
            left = left[await _socket.SendAsync(left, _cancel.Token)..];
        }
    }

    /// <summary>The characters on the screen, as soon as they are as they should be.</summary>
    internal async Task<string> ScreenAsync(Func<string, bool> isReached)
    {
        await using QemuMonitor monitor = await QemuMonitor.ConnectAsync(Monitor, () => _process.HasExited, _cancel.Token);
        string text = "";
        try
        {
            while (!isReached(text = await Screen.ReadAsync(monitor, Monitor + ".screen", _cancel.Token)))
            {
                await Task.Delay(s_look, _cancel.Token);
            }

            return text;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"the screen was never as expected; it is:\n{text}");
        }
    }

    /// <summary>
    /// Puts bytes into the port's receiver faster than anyone could read them: the machine stands still, and the port's loop-back mode
    /// ignores that its 16 bytes are full.
    /// </summary>
    internal async Task OverrunAsync(string text)
    {
        await using QemuMonitor monitor = await QemuMonitor.ConnectAsync(Monitor, () => _process.HasExited, _cancel.Token);
        await monitor.ExecuteAsync("stop", null, _cancel.Token);
        await OutAsync(monitor, 0x3fc, 0x1b);
        foreach (char c in text)
        {
            await OutAsync(monitor, 0x3f8, c);
        }

        await OutAsync(monitor, 0x3fc, 0x0b);
        await monitor.ExecuteAsync("cont", null, _cancel.Token);
    }

    /// <summary>Presses keys of the machine's keyboard, by QEMU's names.</summary>
    internal async Task PressAsync(params string[] keys)
    {
        await using QemuMonitor monitor = await QemuMonitor.ConnectAsync(Monitor, () => _process.HasExited, _cancel.Token);
        foreach (string key in keys)
        {
            await monitor.PressAsync(key, _cancel.Token);
        }
    }

    /// <summary>Waits until the machine has ended, without reading what it sends.</summary>
    /// <returns>QEMU's exit status.</returns>
    internal async Task<int> EndAsync()
    {
        await _process.EndedAsync(_cancel.Token);
        return _process.ExitStatus;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        _socket.Dispose();
        _cancel.Dispose();
        _work.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<SerialLine> StartAsync(IEnumerable<string> image, int megabytes, Port port, bool reboots)
    {
        await Lab.Programs.ProvideAsync(Qemu.Instance.Needs, CancellationToken.None);
        SerialLine line = new(Lab.Programs.Get("qemu-system-i386"), image, megabytes, port, reboots);
        try
        {
            while (port == Port.Socket && !await line.TryConnectAsync())
            {
                await Task.Delay(20, line._cancel.Token);
            }

            return line;
        }
        catch
        {
            await line.DisposeAsync();
            throw;
        }
    }

    private static Task OutAsync(QemuMonitor monitor, int port, int value)
        => monitor.ExecuteAsync(
            "human-monitor-command", new JsonObject { ["command-line"] = $"o /b 0x{port:x} 0x{value:x}" }, CancellationToken.None);

    [DllImport("libc")]
    private static extern int fcntl(int file, int command, int value);

    private void Read(Stream output)
    {
        byte[] buffer = new byte[1 << 16];
        try
        {
            while (output.Read(buffer) is > 0 and int count)
            {
                _pieces.Writer.TryWrite(buffer[..count]);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The test is over.
        }

        _pieces.Writer.TryComplete();
    }

    // Nothing when the machine has ended.
    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        if (_isSocket)
        {
            return _buffer.AsMemory(0, await _socket.ReceiveAsync(_buffer, cancel));
        }

        return await _pieces.Reader.WaitToReadAsync(cancel) && _pieces.Reader.TryRead(out byte[]? piece) ? piece : Array.Empty<byte>();
    }

    private async Task<bool> TryConnectAsync()
    {
        try
        {
            await _socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(_work.Path, "com1")), _cancel.Token);
            return true;
        }
        catch (SocketException) when (!_process.HasExited)
        {
            return false;
        }
    }
}
