using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>
/// What is typed at the keyboard and what COM1 receives. Interrupt handlers and running commands fill the queues; the shell empties them.
/// </summary>
internal static class Input
{
    /// <summary>Not a character: some were lost here.</summary>
    internal const int Lost = InputQueue.Lost;

    /// <summary>Not a character: COM1 takes output again after a gap, and has just been told how much is missing.</summary>
    internal const int OutputIsBack = -1;

    // More than a keyboard controller holds; a broken one may never be empty.
    private const int MostKeysPerCall = 64;

    private const int LookRows = TextScreen.Rows / 2;

    private static InputQueue s_keys;
    private static EscapeSequence s_sequence;
    private static bool s_fromKeyboard;

    /// <summary>The character that <see cref="Read"/> delivered last came from the keyboard.</summary>
    internal static bool FromKeyboard => s_fromKeyboard;

    /// <summary>Moves pending keys from the keyboard into their queue. Called with interrupts off.</summary>
    internal static void TakeKeyboard()
    {
        // With a full queue too: the key may be Ctrl-C. The queue notes the loss of any other.
        for (int i = 0; i < MostKeysPerCall && Keyboard.TryRead(out byte value); i++)
        {
            if (value != 0)
            {
                s_keys.Add(value);
            }
        }
    }

    /// <summary>Moves received bytes from COM1 into their queue. Called with interrupts off.</summary>
    internal static void TakeSerial()
    {
        SerialInput.Receive();
    }

    /// <summary>Sleeps until something comes from either device.</summary>
    /// <returns>A character, a key of <see cref="Keys"/>, <see cref="Lost"/>, or <see cref="OutputIsBack"/>.</returns>
    internal static int Read()
    {
        while (true)
        {
            // Poll even without a device interrupt: some old boards deliver none, and the timer wakes the CPU anyway.
            TakeSerial();
            if (TryKey(out byte value))
            {
                s_fromKeyboard = true;
                return value;
            }

            if (SerialInput.TryTake(out value))
            {
                byte key = value == Lost ? value : s_sequence.Take(value);
                if (key != 0 || value == Lost)
                {
                    s_fromKeyboard = false;
                    return key;
                }

                continue;
            }

            if (SerialPort.TryEndGap())
            {
                return OutputIsBack;
            }

            Cpu.WaitForInterrupt();
        }
    }

    /// <summary>Sleeps until a key is pressed at the keyboard. What COM1 receives meanwhile is kept.</summary>
    internal static byte ReadKey()
    {
        byte value;
        while (!TryKey(out value))
        {
            TakeSerial();
            Cpu.WaitForInterrupt();
        }

        return value;
    }

    // Looking back at the screen concerns nobody else; any other key ends it.
    private static bool TryKey(out byte value)
    {
        TakeKeyboard();
        while (s_keys.TryTake(out value))
        {
            if (value != Keys.LookBack && value != Keys.LookForth)
            {
                ScreenHistory.Leave();
                return true;
            }

            ScreenHistory.Look(value == Keys.LookBack ? LookRows : -LookRows);
        }

        return false;
    }

    /// <summary>For <see cref="Interruption"/>: looks for a Ctrl-C from either device, which counts before what was typed ahead.</summary>
    internal static void LookForStop()
    {
        Keyboard.LetIn();
        TakeKeyboard();
        TakeSerial();
        if (s_keys.TryTakeStop() || SerialInput.TryTakeStop())
        {
            Interruption.Stop();
        }
    }
}
