namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>e820: the memory map as the chain uses it, after clean-up and options.</summary>
internal sealed unsafe class E820Command : Command
{
    internal override string Name => "e820";

    internal override string Summary => "the memory map as the chain uses it, after clean-up and options";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.Map(Root.Console);
    }
}
