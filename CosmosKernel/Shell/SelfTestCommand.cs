using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>selftest: checks books and allocators, one line per check.</summary>
internal sealed unsafe class SelfTestCommand : Command
{
    internal override string Name => "selftest";

    internal override string Summary => "checks books and allocators, one line per check";

    internal override void Run(ref CommandInput input)
    {
        SelfTests.Run(KernelState.Console, verbose: true);
    }
}
