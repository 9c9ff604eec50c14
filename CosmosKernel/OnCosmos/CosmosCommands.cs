using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>The commands that need Cosmos; they work on its own heap and on ours.</summary>
internal static class CosmosCommands
{
    /// <summary>Adds them to the shell.</summary>
    internal static void Add()
    {
        Commands.Add(new HeapCommand());
        Commands.Add(new ChurnCommand());
    }
}
