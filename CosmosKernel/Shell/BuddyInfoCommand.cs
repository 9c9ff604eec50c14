namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>buddyinfo: free blocks of the page allocator, by zone and order.</summary>
internal sealed unsafe class BuddyInfoCommand : Command
{
    internal override string Name => "buddyinfo";

    internal override string Summary => "free blocks of the page allocator, by zone and order";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.BuddyInfo(Root.Console);
    }
}
