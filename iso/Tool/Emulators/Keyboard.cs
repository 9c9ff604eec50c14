using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>The person's terminal, each key as it is pressed; nothing is shown, since the machine's shell echoes. Ctrl-C still ends this program.</summary>
public sealed class Keyboard
{
    private readonly Channel<byte> _keys = Channel.CreateUnbounded<byte>();

    private Keyboard()
    {
    }

    /// <summary>Refuses to go on without a terminal.</summary>
    /// <exception cref="BadInputException">Input or output is no terminal.</exception>
    public static void Check()
    {
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw new BadInputException("--shell: expected a terminal to type on; --command sends lines without one");
        }
    }

    /// <summary>Takes the terminal from now on. The terminal is as before when this program ends.</summary>
    public static Keyboard Take()
    {
        // A thread of its own: while it waits for a key the terminal shows none, and waiting cannot be cancelled.
        Keyboard keyboard = new();
        new Thread(keyboard.Read) { IsBackground = true, Name = "keyboard" }.Start();
        return keyboard;
    }

    /// <summary>The bytes that the keys stand for. Keys without a character are left out.</summary>
    public IAsyncEnumerable<byte> KeysAsync(CancellationToken cancel) => _keys.Reader.ReadAllAsync(cancel);

    private void Read()
    {
        for (;;)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
            {
                _keys.Writer.TryWrite((byte)'\r');
            }
            else if (key.KeyChar is > '\0' and <= '\x7f')
            {
                _keys.Writer.TryWrite((byte)key.KeyChar);
            }
        }
    }
}
