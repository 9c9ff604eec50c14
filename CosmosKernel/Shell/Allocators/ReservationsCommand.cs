using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>reservations: who owns which memory since boot.</summary>
internal sealed unsafe class ReservationsCommand : Command
{
    internal override string Name => "reservations";

    internal override string Summary => "who owns which memory since boot";

    internal override void Run(ref CommandInput input)
    {
        MemoryReport.Reservations(KernelState.Console);
    }
}
