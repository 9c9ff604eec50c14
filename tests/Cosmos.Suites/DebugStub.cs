using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>What a test kernel has said on COM1, through Cosmos's debug stub.</summary>
/// <remarks>
/// <code>
///   noise, signature 07 08 74 19                  everything before the signature is dropped
///   06                                            started: the kernel waits for the signature and an empty batch of commands
///   c0 length:2 text                              a message
///   12..15 number:4 or 8                          a number (its 4 kinds)
///   ff command length:4 data                      the test channel: 0 completed, 1 failed, 2 an assertion held
///   03 0f 11 16 17 address:4                      breakpoint, stack corruption, null reference, stack overflow, interrupt
///   19 number:4                                   kernel panic
/// </code>
/// Numbers are little-endian. A byte that begins none of these is dropped.
/// </remarks>
internal sealed class DebugStub
{
    /// <summary>What the kernel waits for once it has started: the signature, then BatchEnd with a command number.</summary>
    internal static readonly byte[] Go = [0, 0x07, 0x08, 0x74, 0x19, 8, 1];

    private const int Tracepoint = 1;
    private const int Breakpoint = 3;
    private const int Started = 6;
    private const int CommandDone = 9;
    private const int StackCorruption = 15;
    private const int MessageBox = 16;
    private const int NullReference = 17;
    private const int Number = 18;
    private const int LongNumber = 19;
    private const int Fraction = 20;
    private const int LongFraction = 21;
    private const int StackOverflow = 22;
    private const int Interrupt = 23;
    private const int CoreDump = 24;
    private const int KernelPanic = 25;
    private const int Message = 192;
    private const int FirstChannel = 129;
    private const int TestChannel = 255;
    private const int ChannelHead = 6;
    private const uint ChannelLengthMask = 0xfff;
    private const int LastMessages = 8;
    private const string LineNumber = "Line number: ";

    private static readonly byte[] s_signature = [0x07, 0x08, 0x74, 0x19];

    private readonly List<byte> _bytes = [];
    private readonly Queue<string> _messages = new();
    private bool _synchronized;

    /// <summary>Assertions that held.</summary>
    internal int Assertions { get; private set; }

    /// <summary>How the kernel ended; null while it runs.</summary>
    internal string? End { get; private set; }

    /// <summary>The kernel waits for <see cref="Go"/>; whoever sends it clears this.</summary>
    internal bool Waits { get; set; }

    /// <summary>The last messages, oldest first.</summary>
    internal IReadOnlyCollection<string> Messages => _messages;

    /// <summary>Takes what has come.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            _bytes.Add(b);
        }

        int used = 0;
        while (End == null && Take(CollectionsMarshal.AsSpan(_bytes)[used..]) is int count and > 0)
        {
            used += count;
        }

        _bytes.RemoveRange(0, used);
    }

    /// <summary>Bytes behind a command of fixed length; 0 for a byte that begins none.</summary>
    private static int LengthOf(int command) => command switch
    {
        CommandDone => 1,
        LongNumber or LongFraction => 8,
        Number or Fraction or Tracepoint or Breakpoint or Interrupt => 4,
        _ => EndOf(command) != null ? 4 : 0,
    };

    /// <summary>What a command that ends the kernel reports; null for all others.</summary>
    private static string? EndOf(int command) => command switch
    {
        StackCorruption => "stack corruption",
        NullReference => "null reference",
        StackOverflow => "stack overflow",
        KernelPanic => "kernel panic",
        _ => null,
    };

    /// <returns>How many bytes one message took; 0 when it has not come whole.</returns>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        if (!_synchronized)
        {
            int at = bytes.IndexOf(s_signature);
            _synchronized = at >= 0;
            return at >= 0 ? at + s_signature.Length : Math.Max(0, bytes.Length - s_signature.Length + 1);
        }

        if (bytes.IsEmpty)
        {
            return 0;
        }

        int command = bytes[0];
        if (command is Message or MessageBox or CoreDump)
        {
            return TakeText(bytes);
        }

        if (command >= FirstChannel)
        {
            return TakeChannel(bytes);
        }

        int length = LengthOf(command);
        Waits |= command == Started;
        if (bytes.Length < 1 + length)
        {
            return 0;
        }

        if (EndOf(command) is { } end)
        {
            uint value = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
            End = command == KernelPanic ? $"{end} {value}" : $"{end} at {value:x8}";
        }
        else if (command is Number or LongNumber or Fraction or LongFraction)
        {
            Remember($"0x{Convert.ToHexStringLower(Reversed(bytes.Slice(1, length)))}");
        }

        return 1 + length;
    }

    private int TakeText(ReadOnlySpan<byte> bytes)
    {
        const int Head = 3;
        if (bytes.Length < Head || bytes.Length < Head + BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]))
        {
            return 0;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]);
        if (bytes[0] != CoreDump)
        {
            Remember(Encoding.Latin1.GetString(bytes.Slice(Head, length)));
        }

        return Head + length;
    }

    private int TakeChannel(ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length < ChannelHead ? 0 : (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes[2..]) & ChannelLengthMask);
        if (bytes.Length < ChannelHead + length)
        {
            return 0;
        }

        if (bytes[0] == TestChannel)
        {
            switch (bytes[1])
            {
                case 0:
                    End = "completed";
                    break;
                case 1:
                    End = Failure();
                    break;
                case 2:
                    Assertions++;
                    break;
            }
        }

        return ChannelHead + length;
    }

    // An assertion that does not hold has named its line just before.
    private string Failure()
    {
        string? line = _messages.LastOrDefault(m => m.StartsWith(LineNumber, StringComparison.Ordinal));
        return line == null ? "failed" : $"failed at line {line[LineNumber.Length..]}";
    }

    private void Remember(string text)
    {
        _messages.Enqueue(text);
        if (_messages.Count > LastMessages)
        {
            _messages.Dequeue();
        }
    }

    private static byte[] Reversed(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        Array.Reverse(copy);
        return copy;
    }
}
