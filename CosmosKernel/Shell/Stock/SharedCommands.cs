using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.Shell.Stock;

/// <summary>The baseline's commands: those that do not use our allocators.</summary>
internal static class SharedCommands
{
    /// <summary>Creates them on the object heap.</summary>
    internal static Command[] Make() => new Command[]
    {
        new HelpCommand(),
        new SummaryCommand(),
        new DmesgCommand(),
        new E820Command(),
        new ConfigCommand(),
        new SelfTestCommand(),
        new BenchCommand(),
        new KeymapCommand(),
        new RebootCommand(),
        new PowerOffCommand(),
    };
}
