using CosmosBootAlloc.Boot.Shutdown;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>poweroff: turns the machine off.</summary>
internal sealed unsafe class PowerOffCommand : Command
{
    internal override string Name => "poweroff";

    internal override string Summary => "turns the machine off";

    internal override void Run(ref CommandInput input)
    {
        Power.Off(failed: false);
    }
}
