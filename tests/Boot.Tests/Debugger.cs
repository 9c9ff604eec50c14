using System;
using System.Globalization;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// A debugger at QEMU's gdb connection, with just what is needed to play a bad boot loader: stop at an address, look at registers, change
/// memory, go on.
/// </summary>
internal sealed class Debugger : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public void Dispose() => _socket.Dispose();

    /// <summary>Connects once QEMU listens, however long that takes.</summary>
    /// <param name="path">Where.</param>
    /// <param name="boot">Over when QEMU is.</param>
    internal async Task ConnectAsync(string path, Task boot)
    {
        while (true)
        {
            try
            {
                await _socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
                return;
            }
            catch (SocketException) when (!boot.IsCompleted)
            {
                await Task.Delay(20);
            }
        }
    }

    /// <summary>Runs the machine up to an address.</summary>
    internal async Task RunToAsync(uint address)
    {
        await AskAsync($"Z1,{address:x},1");
        string stop = await AskAsync("c");
        if (!stop.StartsWith('T'))
        {
            throw new IOException($"the machine did not stop at {address:x}: {stop}");
        }

        await AskAsync($"z1,{address:x},1");
    }

    /// <summary>A register by its place in gdb's i386 list: 0 eax, 1 ecx, 2 edx, 3 ebx.</summary>
    internal async Task<uint> RegisterAsync(int index)
    {
        string all = await AskAsync("g");
        return FromHex(all.AsSpan(index * 8, 8));
    }

    /// <summary>Sets a register.</summary>
    internal async Task SetRegisterAsync(int index, uint value)
    {
        string all = await AskAsync("g");
        await AskAsync($"G{all[..(index * 8)]}{ToHex(value)}{all[((index + 1) * 8)..]}");
    }

    /// <summary>A 32-bit word of memory.</summary>
    internal async Task<uint> ReadAsync(uint address) => FromHex(await AskAsync($"m{address:x},4"));

    /// <summary>Sets a 32-bit word of memory.</summary>
    internal Task WriteAsync(uint address, uint value) => AskAsync($"M{address:x},4:{ToHex(value)}");

    /// <summary>Lets the machine go. It may have ended before it is told that its answer arrived.</summary>
    internal async Task DetachAsync()
    {
        try
        {
            await AskAsync("D");
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
        }
    }

    private static uint FromHex(ReadOnlySpan<char> text)
        => System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(
            uint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));

    private static string ToHex(uint value) => $"{System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value):x8}";

    // $text#checksum each way; '+' says that it arrived.
    private async Task<string> AskAsync(string text)
    {
        byte sum = 0;
        foreach (char c in text)
        {
            sum += (byte)c;
        }

        await _socket.SendAsync(Encoding.ASCII.GetBytes($"${text}#{sum:x2}"));
        StringBuilder answer = new();
        byte[] one = new byte[1];
        bool inside = false;
        while (true)
        {
            if (await _socket.ReceiveAsync(one) == 0)
            {
                throw new IOException($"QEMU closed its gdb connection during '{text}'");
            }

            char c = (char)one[0];
            if (c == '$')
            {
                inside = true;
            }
            else if (c == '#' && inside)
            {
                await _socket.ReceiveAsync(new byte[2]);
                await _socket.SendAsync("+"u8.ToArray());
                string result = answer.ToString();
                return result.StartsWith('E') ? throw new IOException($"QEMU's gdb connection refuses '{text}': {result}") : result;
            }
            else if (inside)
            {
                answer.Append(c);
            }
        }
    }
}
