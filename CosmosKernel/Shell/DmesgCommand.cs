using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>dmesg: the kernel log since boot.</summary>
internal sealed unsafe class DmesgCommand : Command
{
    internal override string Name => "dmesg";

    internal override string Summary => "the kernel log since boot";

    internal override void Run(ref CommandInput input)
    {
        LogRing.Print();
    }
}
