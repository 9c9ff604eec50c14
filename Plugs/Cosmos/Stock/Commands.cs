namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>The commands of the baseline: those that do not ask our allocators.</summary>
internal static class Commands
{
    private static Command[] s_all;

    /// <summary>All commands; made on first use, on the object heap.</summary>
    internal static Command[] All => s_all ??= new Command[]
    {
        new HelpCommand(),
        new DmesgCommand(),
        new E820Command(),
        new ConfigCommand(),
        new SelfTestCommand(),
        new BenchCommand(),
        new RebootCommand(),
        new PowerOffCommand(),
    };

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
