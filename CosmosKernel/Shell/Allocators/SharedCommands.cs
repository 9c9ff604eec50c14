namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>The commands that both toolchains have, in the order help shows them.</summary>
internal static class SharedCommands
{
    /// <summary>Makes them, on the object heap.</summary>
    internal static Command[] Make() => new Command[]
    {
        new HelpCommand(),
        new SummaryCommand(),
        new DmesgCommand(),
        new E820Command(),
        new ReservationsCommand(),
        new BuddyInfoCommand(),
        new MemInfoCommand(),
        new SlabInfoCommand(),
        new StoryCommand(),
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
        new SaveCommand(),
        new InstallCommand(),
        new CrashCommand(),
        new KeymapCommand(),
        new RebootCommand(),
        new PowerOffCommand(),
    };
}
