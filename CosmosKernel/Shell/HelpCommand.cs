using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>help [COMMAND]: the commands and what they show.</summary>
internal sealed unsafe class HelpCommand : Command
{
    internal override string Name => "help";

    internal override string Usage => "[COMMAND]";

    internal override string Summary => "the commands, or one of them";

    internal override string Choice(int index) => index < Commands.All.Length ? Commands.All[index].Name : null;

    internal override void Run(ref CommandInput input)
    {
        Command[] all = Commands.All;
        bool found = false;
        for (int i = 0; i < all.Length && !Interruption.Wanted(); i++)
        {
            if (input.Words > 1 && !input.Is(1, all[i].Name))
            {
                continue;
            }

            found = true;
            Show(all[i]);
            if (input.Words > 1)
            {
                KernelState.Console->Print(all[i].Details);
            }
        }

        if (!found)
        {
            KernelState.Console->Print("%s: no such command; 'help' alone lists all\n", (uint)input.Word(1));
        }
    }

    private static void Show(Command command)
    {
        KernelState.Console->Text("  ");
        KernelState.Console->Text(command.Name);
        KernelState.Console->Text(" ");
        KernelState.Console->Text(command.Usage);
        for (int i = command.Name.Length + command.Usage.Length; i < 22; i++)
        {
            KernelState.Console->Text(" ");
        }

        KernelState.Console->Text(command.Summary);
        KernelState.Console->Print("\n");
    }
}
