using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>stress N [SEED] [map]: mixed operations on all allocators at once, checked, and all given back.</summary>
internal sealed unsafe class StressCommand : Command
{
    internal override string Name => "stress";

    internal override string Usage => "N [SEED] [map]";

    internal override string Summary => "N checked operations on pages, heap, and objects";

    internal override string Details =>
        "    stress 100000          the same operations every time\n    stress 1000000 7       others\n"
        + "    stress 1000000 7 map   with the picture of memory, redrawn while it runs\n"
        + "    What an allocation holds is checked when it is freed; at the end every page must be back where it was.\n";

    internal override void Run(ref CommandInput input)
    {
        Stress.Seed = 1;
        if (!input.TryNumber(1, out Stress.Operations) || (input.Words > 2 && !input.Is(2, "map") && !input.TryNumber(2, out Stress.Seed)))
        {
            KernelState.Console->Print("stress: expected a number of operations and perhaps a seed, as in 'stress 1000000 7'\n");
            return;
        }

        bool picture = input.Is(2, "map") || input.Is(3, "map");
        KernelState.Console->Print(Stress.Run(KernelState.Console, picture) ? "stress: ok\n" : "stress: FAILED\n");
    }
}
