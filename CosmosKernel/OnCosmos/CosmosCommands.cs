using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>The commands that need Cosmos, and work under its own heap as under ours.</summary>
internal static class CosmosCommands
{
    /// <summary>Adds them to the shell.</summary>
    internal static void Add()
    {
        Commands.Add(new HeapCommand());
        Commands.Add(new ChurnCommand());
    }
}
