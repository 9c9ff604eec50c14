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
            if (LineReader.Read(Prompt, ref s_input))
            {
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

        Interruption.Begin();
        command.Run(ref s_input);
        if (Interruption.End())
        {
            KernelState.Console->Print("^C: %s stopped\n", (uint)s_input.Word(0));
        }
    }
}
