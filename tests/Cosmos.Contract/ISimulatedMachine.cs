namespace CosmosBootAlloc.Contract;

/// <summary>What a test puts in the place of the CPU and the image.</summary>
public interface ISimulatedMachine
{
    /// <summary>See Cosmos.Core.CPU.</summary>
    uint EndOfKernel { get; }

    /// <summary>Where the simulated stack is looked at from.</summary>
    uint StackPointer { get; }

    /// <summary>The end of the simulated stack.</summary>
    uint StackStart { get; }

    /// <summary>Address of the boot information.</summary>
    uint BootInformation { get; }
}

/// <summary>The machine of the test that runs.</summary>
public static class Simulation
{
    /// <summary>It; a test that sets it runs alone.</summary>
    public static ISimulatedMachine Machine { get; set; }
}
