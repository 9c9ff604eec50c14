using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>bench: ticks an operation of page allocator and heap.</summary>
internal sealed unsafe class BenchCommand : Command
{
    internal override string Name => "bench";

    internal override string Summary => "ticks per operation of page allocator and heap";

    internal override void Run(ref CommandInput input)
    {
        Benchmark.Run(KernelState.Console);
    }
}
