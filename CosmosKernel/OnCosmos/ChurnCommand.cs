using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>churn [N [RUNS]]: makes N objects of mixed sizes in plain C# and checks everything reachable after each collection.</summary>
internal sealed unsafe class ChurnCommand : Command
{
    private const uint DefaultAllocations = 100000;
    private const uint DefaultCollections = 20;

    internal override string Name => "churn";

    internal override string Usage => "[N [RUNS]]";

    internal override string Summary => "makes N objects, with calls of Heap.Collect between";

    internal override string Details =>
        "    churn              100,000 objects of 1 to 20,000 bytes, 20 collections; what is reachable stays\n" +
        "    churn 500000 0     never calls Heap.Collect: low memory has to trigger it\n";

    internal override void Run(ref CommandInput input)
    {
        uint allocations = DefaultAllocations;
        uint collections = DefaultCollections;
        if ((input.Words > 1 && !input.TryNumber(1, out allocations)) ||
            (input.Words > 2 && !input.TryNumber(2, out collections)) ||
            collections > allocations)
        {
            KernelState.Console->Print("churn: expected numbers, no more collections than objects, as in 'churn 100000 20'\n");
            return;
        }

        bool ok = Churn.Run(KernelState.Console, allocations, collections);
        KernelState.Console->Print(ok ? "churn: ok\n" : "churn: FAILED\n");
    }
}
