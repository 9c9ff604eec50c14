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

    /// <summary>The most arguments: a word of <see cref="Usage"/> each, unless it says that there may be more.</summary>
    internal virtual int MostArguments
    {
        get
        {
            int words = 0;
            for (int i = 0; i < Usage.Length; i++)
            {
                if (Usage[i] == '.')
                {
                    return CommandInput.MostWords;
                }

                words += Usage[i] != ' ' && (i == 0 || Usage[i - 1] == ' ') ? 1 : 0;
            }

            return words;
        }
    }

    /// <summary>A word that the first argument may be, for Tab.</summary>
    /// <param name="index">From 0.</param>
    /// <returns>Null behind the last.</returns>
    internal virtual string Choice(int index) => null;

    /// <summary>Does it, printing to <see cref="KernelState.Console"/>.</summary>
    internal abstract void Run(ref CommandInput input);
}
