using CosmosBootAlloc.Contract;

namespace Cosmos.Core.Multiboot;

/// <summary>What the loader told.</summary>
public class Multiboot2
{
    public static uint GetMBIAddress() => Simulation.Machine.BootInformation;
}
