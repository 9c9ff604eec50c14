using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Channels;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// The user's terminal, key by key; nothing is echoed here, since the machine's shell echoes. Ctrl-C still ends this program.
/// </summary>
public sealed class Keyboard
{
    private readonly Channel<byte> _keys = Channel.CreateUnbounded<byte>();

    private Keyboard()
    {
    }

    /// <summary>Input and output are a terminal.</summary>
    public static bool HasTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    /// <summary>Refuses to continue without a terminal.</summary>
    /// <exception cref="BadInputException">Input or output is not a terminal.</exception>
    public static void Check()
    {
        if (!HasTerminal)
        {
            throw new BadInputException("--shell: expected a terminal to type on; use --command to send lines without one");
        }
    }

    /// <summary>Takes over the terminal until this program ends, which restores it.</summary>
    public static Keyboard Take()
    {
        // Its own thread: reading a key keeps the terminal from echoing, and cannot be canceled.
        Keyboard keyboard = new();
        new Thread(keyboard.Read) { IsBackground = true, Name = "keyboard" }.Start();
        return keyboard;
    }

    /// <summary>The bytes of the keys pressed. Keys without a character are left out.</summary>
    public IAsyncEnumerable<byte> KeysAsync(CancellationToken cancel) => _keys.Reader.ReadAllAsync(cancel);

    private void Read()
    {
        while (true)
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
