using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.SelfTest.Allocators;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>gctest [N]: a graph of every kind of object through N collections.</summary>
internal sealed unsafe class GcTestCommand : Command
{
    private const uint DefaultCollections = 2000;

    internal override string Name => "gctest";

    internal override string Usage => "[N]";

    internal override string Summary => "keeps a graph alive through N (2000) collections";

    internal override void Run(ref CommandInput input)
    {
        uint collections = DefaultCollections;
        if (input.Words > 1 && !input.TryNumber(1, out collections))
        {
            KernelState.Console->Print("gctest: %s is no number; example: gctest 500\n", (uint)input.Word(1));
            return;
        }

        bool ok = CollectorTest.RunLong(KernelState.Console, collections);
        KernelState.Console->Print(ok ? "gctest: ok\n" : "gctest: FAILED\n");
    }
}
