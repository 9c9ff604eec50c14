using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// Reads lines from keyboard and COM1 alike, with backspace, and runs those that arrived whole. Ctrl-C gives up a line and stops a command.
/// Never ends.
/// </summary>
internal static unsafe class CommandLoop
{
    private const string Prompt = "bootalloc> ";
    private const byte ControlU = 21;
    private const byte Delete = 127;

    private static CommandInput s_input;

    /// <summary>The shell.</summary>
    internal static void Run()
    {
        Terminal.QuietScreen(false);
        Interruption.Use(&Input.LookForStop);
        SerialPort.UseInterrupts();
        while (true)
        {
            Terminal.Text(Prompt);
            s_input.Clear();
            if (ReadLine())
            {
                Execute();
            }
        }
    }

    /// <summary>Reads a line, showing it.</summary>
    /// <returns>False if it is not to be run.</returns>
    private static bool ReadLine()
    {
        bool whole = true;
        while (true)
        {
            int c = Input.Read();
            if (c == '\n')
            {
                Terminal.Text("\n");
                return IsWhole(whole);
            }

            if (c == Input.Lost)
            {
                whole = false;
            }
            else if (c == Input.OutputIsBack)
            {
                ShowAgain();
            }
            else if (c == InputQueue.ControlC)
            {
                Terminal.Text("^C\n");
                return false;
            }
            else if (c == '\b' || c == Delete)
            {
                Erase();
            }
            else if (c == ControlU)
            {
                while (s_input.Length + s_input.Excess > 0)
                {
                    Erase();
                }
            }
            else if (c >= ' ' && c < Delete && s_input.Append((byte)c))
            {
                Terminal.Write((byte)c);
            }

            Terminal.ShowCursor();
        }
    }

    /// <summary>A part of a line could be another command: such a line is refused, with the reason.</summary>
    private static bool IsWhole(bool arrivedWhole)
    {
        if (!arrivedWhole)
        {
            KernelState.Console->Print("bootalloc: characters of this line were lost on their way here: not run, please send it again\n");
        }
        else if (s_input.Excess != 0)
        {
            KernelState.Console->Print(
                "bootalloc: this line has %d characters, and %d is the most: not run\n", (uint)(s_input.Length + s_input.Excess),
                CommandInput.Capacity);
        }

        return arrivedWhole && s_input.Excess == 0;
    }

    /// <summary>Sends prompt and line to COM1 again, which may have missed them. The screen has them.</summary>
    private static void ShowAgain()
    {
        for (int i = 0; i < Prompt.Length; i++)
        {
            SerialPort.Write((byte)Prompt[i]);
        }

        for (int i = 0; i < s_input.Length; i++)
        {
            SerialPort.Write(s_input[i]);
        }
    }

    private static void Erase()
    {
        if (s_input.RemoveLast())
        {
            Terminal.Text("\b \b");
        }
    }

    private static void Execute()
    {
        s_input.Split();
        if (s_input.Words == 0)
        {
            return;
        }

        Command command = Commands.Find(ref s_input);
        if (command == null)
        {
            KernelState.Console->Print("%s: no such command; type 'help' for the list\n", (uint)s_input.Word(0));
            return;
        }

        Interruption.Begin();
        command.Run(ref s_input);
        if (Interruption.End())
        {
            KernelState.Console->Print("^C: %s stopped\n", (uint)s_input.Word(0));
        }
    }
}
