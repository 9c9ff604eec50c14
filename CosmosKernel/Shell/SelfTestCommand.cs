namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>selftest: checks the books and the allocators again, each check a line.</summary>
internal sealed unsafe class SelfTestCommand : Command
{
    internal override string Name => "selftest";

    internal override string Summary => "checks the books and the allocators again, each check a line";

    internal override void Run(ref CommandInput input)
    {
        SelfTest.SelfTests.Run(Root.Console, verbose: true);
    }
}
