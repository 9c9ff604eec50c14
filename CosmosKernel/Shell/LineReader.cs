using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// Reads lines from keyboard and COM1 alike, and lets them be edited as a terminal does: with blanks and backspaces alone, which every
/// terminal knows. Ctrl-C gives up a line. A line that did not arrive whole is refused.
/// </summary>
internal static unsafe class LineReader
{
    // Characters of the line in front of the cursor.
    private static int s_cursor;

    /// <summary>Shows a prompt and reads a line behind it, showing what is typed.</summary>
    /// <param name="prompt">Shown in front of the line.</param>
    /// <param name="line">Receives the line, not yet cut into words.</param>
    /// <param name="isCommand">Up and down recall lines, and Tab completes words.</param>
    /// <returns>False if the line is not to be used: given up, or not whole.</returns>
    internal static bool Read(string prompt, ref CommandInput line, bool isCommand)
    {
        line.Clear();
        s_cursor = 0;
        Terminal.Text(prompt);
        bool whole = true;
        int recalled = 0;
        while (true)
        {
            int c = Input.Read();
            if (c == '\n')
            {
                Move(ref line, line.Length);
                Terminal.Text("\n");
                return IsWhole(whole, ref line);
            }

            if (c == InputQueue.ControlC)
            {
                Terminal.Text("^C\n");
                return false;
            }

            if (c == Input.Lost)
            {
                whole = false;
            }
            else if (c == Input.OutputIsBack)
            {
                ShowAgain(prompt, ref line);
            }
            else if (isCommand && (c == Keys.Up || c == Keys.Down))
            {
                int other = recalled + (c == Keys.Up ? 1 : -1);
                if (other >= 0 && other <= LineHistory.Count)
                {
                    recalled = other;
                    EraseAll(ref line);
                    LineHistory.Recall(recalled, ref line);
                    Move(ref line, line.Length);
                }
            }
            else if (isCommand && c == '\t')
            {
                Complete(prompt, ref line);
            }
            else
            {
                Edit(ref line, c);
            }

            Terminal.ShowCursor();
        }
    }

    private static void Edit(ref CommandInput line, int c)
    {
        if (c == '\b' || c == Keys.Rubout)
        {
            if (line.Excess > 0 || s_cursor > 0)
            {
                Erase(ref line, s_cursor - 1);
            }
        }
        else if (c == Keys.Delete)
        {
            Erase(ref line, s_cursor);
        }
        else if (c == Keys.ControlU)
        {
            EraseAll(ref line);
        }
        else if (c == Keys.ControlK)
        {
            while (line.Excess > 0 || s_cursor < line.Length)
            {
                Erase(ref line, line.Length - 1);
            }
        }
        else if (c == Keys.Left || c == Keys.Right)
        {
            Move(ref line, c == Keys.Left ? s_cursor - 1 : s_cursor + 1);
        }
        else if (c == Keys.Home || c == Keys.ControlA)
        {
            Move(ref line, 0);
        }
        else if (c == Keys.End || c == Keys.ControlE)
        {
            Move(ref line, line.Length);
        }
        else if (c >= ' ' && c < Keys.Rubout)
        {
            Type(ref line, (byte)c);
        }
    }

    private static void Type(ref CommandInput line, byte value)
    {
        if (line.Insert(s_cursor, value))
        {
            int behind = s_cursor + 1;
            Move(ref line, line.Length);
            Move(ref line, behind);
        }
    }

    // Up to a place: forth by writing the characters there again, back by backspaces.
    private static void Move(ref CommandInput line, int to)
    {
        to = to < 0 ? 0 : to > line.Length ? line.Length : to;
        for (; s_cursor < to; s_cursor++)
        {
            Terminal.Write(line[s_cursor]);
        }

        for (; s_cursor > to; s_cursor--)
        {
            Terminal.Write((byte)'\b');
        }
    }

    // The characters behind it move up; a blank takes the place of the last one.
    private static void Erase(ref CommandInput line, int at)
    {
        int before = s_cursor;
        Move(ref line, line.Excess > 0 ? s_cursor : at);
        if (!line.Remove(at))
        {
            Move(ref line, before);
            return;
        }

        Move(ref line, line.Length);
        Terminal.Write((byte)' ');
        Terminal.Write((byte)'\b');
        Move(ref line, at < before ? (before > at + 1 ? before - 1 : at) : before);
    }

    private static void EraseAll(ref CommandInput line)
    {
        while (line.Length + line.Excess > 0)
        {
            Erase(ref line, line.Length - 1);
        }
    }

    private static void Complete(string prompt, ref CommandInput line)
    {
        int start = s_cursor;
        while (start > 0 && line[start - 1] != ' ')
        {
            start--;
        }

        Completion.Find(ref line, start, s_cursor);
        for (int i = 0; i < Completion.Length; i++)
        {
            Type(ref line, Completion.Added(i));
        }

        if (Completion.Length == 0 && Completion.Choices > 1)
        {
            Terminal.Text("\n");
            Completion.List(ref line, start, s_cursor);
            Terminal.Text(prompt);
            int at = s_cursor;
            s_cursor = 0;
            Move(ref line, line.Length);
            Move(ref line, at);
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

        for (int i = s_cursor; i < line.Length; i++)
        {
            SerialPort.Write((byte)'\b');
        }
    }
}
