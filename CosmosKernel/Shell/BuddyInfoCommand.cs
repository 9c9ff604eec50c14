namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>buddyinfo: free blocks by zone and order.</summary>
internal sealed unsafe class BuddyInfoCommand : Command
{
    internal override string Name => "buddyinfo";

    internal override string Summary => "free blocks by zone and order";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.BuddyInfo(Root.Console);
    }
}
