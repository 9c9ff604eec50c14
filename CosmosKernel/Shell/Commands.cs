namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>The commands of this image, in the order help shows them.</summary>
internal static class Commands
{
    private static Command[] s_all;

    /// <summary>All commands; made on first use, on the object heap.</summary>
    internal static Command[] All => s_all ??= SharedCommands.Make();

    /// <summary>Adds one that only this toolchain has.</summary>
    internal static void Add(Command command)
    {
        Command[] before = All;
        Command[] all = new Command[before.Length + 1];
        for (int i = 0; i < before.Length; i++)
        {
            all[i] = before[i];
        }

        all[before.Length] = command;
        s_all = all;
    }

    /// <summary>The command of a typed name, or null.</summary>
    internal static Command Find(ref CommandInput input)
    {
        Command[] all = All;
        for (int i = 0; i < all.Length; i++)
        {
            if (input.Is(0, all[i].Name))
            {
                return all[i];
            }
        }

        return null;
    }
}
