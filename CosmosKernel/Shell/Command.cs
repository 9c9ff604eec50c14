using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>One command of the shell; each is a file of its own, listed in the SharedCommands of its heap (Allocators, Stock).</summary>
internal abstract class Command
{
    /// <summary>What is typed.</summary>
    internal abstract string Name { get; }

    /// <summary>Arguments as help shows them, empty for none.</summary>
    internal virtual string Usage => "";

    /// <summary>One line for help.</summary>
    internal abstract string Summary { get; }

    /// <summary>Lines that "help NAME" shows behind the summary, examples among them; each ends with a line end. Empty for none.</summary>
    internal virtual string Details => "";

    /// <summary>Does it, printing to <see cref="KernelState.Console"/>.</summary>
    internal abstract void Run(ref CommandInput input);
}
