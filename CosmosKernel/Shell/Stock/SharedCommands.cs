using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.Shell.Stock;

/// <summary>The commands of the baseline: those that do not ask our allocators.</summary>
internal static class SharedCommands
{
    /// <summary>Makes them, on the object heap.</summary>
    internal static Command[] Make() => new Command[]
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
}
