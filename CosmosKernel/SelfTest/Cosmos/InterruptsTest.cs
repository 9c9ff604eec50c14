using CosmosBootAlloc.Kernel.SelfTest;

namespace CosmosBootAlloc.Kernel.SelfTest.Cosmos;

/// <summary>Checks that Cosmos's start-up left the interrupts in order, with either heap.</summary>
internal static unsafe class InterruptsTest
{
    /// <summary>Runs two checks.</summary>
    internal static void Run(Checks* checks)
    {
        checks->Equal(0, Interrupts.WereOnTooEarly ? 1u : 0u, "interrupts stay off until there is a table of handlers");
        checks->Equal(0, Interrupts.InService(), "no interrupt waits for its end");
    }
}
