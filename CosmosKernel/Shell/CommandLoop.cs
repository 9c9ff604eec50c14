using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>Runs the lines that arrive whole. Ctrl-C stops a command. Never ends.</summary>
internal static unsafe class CommandLoop
{
    private const string Prompt = "bootalloc> ";

    private static CommandInput s_input;

    /// <summary>The shell.</summary>
    internal static void Run()
    {
        Terminal.QuietScreen(false);
        Interruption.Use(&Input.LookForStop);
        SerialPort.UseInterrupts();
        while (true)
        {
            if (LineReader.Read(Prompt, ref s_input, isCommand: true))
            {
                LineHistory.Add(ref s_input);
                Execute();
            }
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

        if (s_input.Words - 1 > command.MostArguments)
        {
            KernelState.Console->Print("%s: expected at most %d ", (uint)s_input.Word(0), (uint)command.MostArguments);
            KernelState.Console->Text(command.MostArguments == 1 ? "argument (" : "arguments (");
            KernelState.Console->Text(command.Usage.Length == 0 ? "none" : command.Usage);
            KernelState.Console->Print("), found '%s' behind; not run\n", (uint)s_input.Word(command.MostArguments + 1));
            return;
        }

        Terminal.Page(Input.FromKeyboard ? &Pager.More : null);
        Interruption.Begin();
        command.Run(ref s_input);
        Terminal.Page(null);
        if (Interruption.End())
        {
            KernelState.Console->Print("^C: %s stopped\n", (uint)s_input.Word(0));
        }
    }
}
