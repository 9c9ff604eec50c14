using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>keymap NAME: the keyboard's layout.</summary>
internal sealed unsafe class KeymapCommand : Command
{
    internal override string Name => "keymap";

    internal override string Usage => "LAYOUT";

    internal override string Summary => "the keyboard's layout: " + LayoutNames.All;

    internal override string Choice(int index) => LayoutNames.Name(index);

    internal override void Run(ref CommandInput input)
    {
        string name;
        for (int i = 0; (name = LayoutNames.Name(i)) != null; i++)
        {
            if (input.Is(1, name))
            {
                KeyLayouts.Use(i);
                return;
            }
        }

        KernelState.Console->Text("keymap: expected one of ");
        KernelState.Console->Text(LayoutNames.All);
        KernelState.Console->Print(input.Words > 1 ? ", found '%s'\n" : ", found nothing\n", (uint)input.Word(1));
    }
}
