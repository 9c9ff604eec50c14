using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>leak: lists who holds memory, and checks everything that is held.</summary>
internal sealed unsafe class LeakCommand : Command
{
    internal override string Name => "leak";

    internal override string Summary => "checks all objects, lists who holds them (boot: debug)";

    internal override string Details =>
        "    gc, then leak      only what is really held\n"
        + "    A site is the address of the code that said 'new' (./bootalloc addr2line), or the tag of a raw object.\n";

    internal override void Run(ref CommandInput input)
    {
        if (!KernelState.Memory->Raw.IsChecked)
        {
            KernelState.Console->Print("leak: the heaps keep no records; boot with 'debug': by the menu's debug entry,\n"
                    + "or by 'e' on another and the word behind the kernel's name\n");
            return;
        }

        LeakReport.Print(KernelState.Console, &KernelState.Memory->Raw, "raw");
        LeakReport.Print(KernelState.Console, &KernelState.Memory->Heap, "objects");
    }
}
