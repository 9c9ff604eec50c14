using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>The commands that need Cosmos. They work under its own heap as well as under ours.</summary>
internal static class CosmosCommands
{
    /// <summary>Makes them, on the object heap.</summary>
    internal static Command[] Make() => new Command[]
    {
        new HeapCommand(),
        new ChurnCommand(),
    };
}
