using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>Reads lines from keyboard and COM1 alike, with backspace, and runs them. Never ends.</summary>
internal static unsafe class CommandLoop
{
    private const string Prompt = "bootalloc> ";
    private const byte ControlC = 3;
    private const byte ControlU = 21;
    private const byte Delete = 127;

    private static CommandInput s_input;

    /// <summary>The shell.</summary>
    internal static void Run()
    {
        Terminal.QuietScreen(false);
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

    private static bool ReadLine()
    {
        while (true)
        {
            byte c = Input.Read();
            if (c == '\n')
            {
                Terminal.Text("\n");
                return true;
            }

            if (c == ControlC)
            {
                Terminal.Text("^C\n");
                return false;
            }

            if (c == '\b' || c == Delete)
            {
                Erase();
            }
            else if (c == ControlU)
            {
                while (s_input.Length > 0)
                {
                    Erase();
                }
            }
            else if (c >= ' ' && c < Delete && s_input.Append(c))
            {
                Terminal.Write(c);
            }

            TextScreen.ShowCursor();
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

        command.Run(ref s_input);
    }
}
