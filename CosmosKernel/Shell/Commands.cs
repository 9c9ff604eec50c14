namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>The commands there are, in the order help shows them.</summary>
internal static class Commands
{
    private static Command[] s_all;

    /// <summary>All commands; made on first use, on the object heap.</summary>
    internal static Command[] All => s_all ??= new Command[]
    {
        new HelpCommand(),
        new DmesgCommand(),
        new E820Command(),
        new ReservationsCommand(),
        new BuddyInfoCommand(),
        new MemInfoCommand(),
        new SlabInfoCommand(),
        new MemMapCommand(),
        new AllocCommand(),
        new FreeCommand(),
        new HoldCommand(),
        new StressCommand(),
        new LeakCommand(),
        new OomCommand(),
        new ConfigCommand(),
        new GcCommand(),
        new GcTestCommand(),
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
