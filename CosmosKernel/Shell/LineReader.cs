using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// Reads lines from keyboard and COM1 alike, with backspace. Ctrl-C gives up a line. A line that did not arrive whole is refused.
/// </summary>
internal static unsafe class LineReader
{
    private const byte ControlU = 21;
    private const byte Delete = 127;

    /// <summary>Shows a prompt and reads a line behind it, showing what is typed.</summary>
    /// <param name="prompt">Shown in front of the line.</param>
    /// <param name="line">Receives the line, not yet cut into words.</param>
    /// <returns>False if the line is not to be used: given up, or not whole.</returns>
    internal static bool Read(string prompt, ref CommandInput line)
    {
        line.Clear();
        Terminal.Text(prompt);
        bool whole = true;
        while (true)
        {
            int c = Input.Read();
            if (c == '\n')
            {
                Terminal.Text("\n");
                return IsWhole(whole, ref line);
            }

            if (c == Input.Lost)
            {
                whole = false;
            }
            else if (c == Input.OutputIsBack)
            {
                ShowAgain(prompt, ref line);
            }
            else if (c == InputQueue.ControlC)
            {
                Terminal.Text("^C\n");
                return false;
            }
            else if (c == '\b' || c == Delete)
            {
                Erase(ref line);
            }
            else if (c == ControlU)
            {
                while (line.Length + line.Excess > 0)
                {
                    Erase(ref line);
                }
            }
            else if (c >= ' ' && c < Delete && line.Append((byte)c))
            {
                Terminal.Write((byte)c);
            }

            Terminal.ShowCursor();
        }
    }

    /// <summary>A part of a line could be another one: such a line is refused, with the reason.</summary>
    private static bool IsWhole(bool arrivedWhole, ref CommandInput line)
    {
        if (!arrivedWhole)
        {
            KernelState.Console->Print("bootalloc: characters of this line were lost on their way here: not run, please send it again\n");
        }
        else if (line.Excess != 0)
        {
            KernelState.Console->Print(
                "bootalloc: this line has %d characters, and %d is the most: not run\n", (uint)(line.Length + line.Excess),
                CommandInput.Capacity);
        }

        return arrivedWhole && line.Excess == 0;
    }

    /// <summary>Sends prompt and line to COM1 again, which may have missed them. The screen has them.</summary>
    private static void ShowAgain(string prompt, ref CommandInput line)
    {
        for (int i = 0; i < prompt.Length; i++)
        {
            SerialPort.Write((byte)prompt[i]);
        }

        for (int i = 0; i < line.Length; i++)
        {
            SerialPort.Write(line[i]);
        }
    }

    private static void Erase(ref CommandInput line)
    {
        if (line.RemoveLast())
        {
            Terminal.Text("\b \b");
        }
    }
}
