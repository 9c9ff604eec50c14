using CosmosBootAlloc.Boot.Shutdown;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>reboot: restarts the machine.</summary>
internal sealed unsafe class RebootCommand : Command
{
    internal override string Name => "reboot";

    internal override string Summary => "restarts the machine";

    internal override void Run(ref CommandInput input)
    {
        Power.Restart();
    }
}
