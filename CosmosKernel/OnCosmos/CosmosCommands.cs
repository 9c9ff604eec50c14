using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>The commands that need Cosmos; they work on its own heap and on ours.</summary>
internal static class CosmosCommands
{
    /// <summary>Makes them, on the object heap.</summary>
    internal static Command[] Make() => new Command[]
    {
        new HeapCommand(),
        new ChurnCommand(),
        new SysinfoCommand(),
    };
}
