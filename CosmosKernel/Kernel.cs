using Sys = Cosmos.System;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The Cosmos user kernel. By the time it is constructed the memory chain has run: Cosmos's start-up called the plug of its heap set-up. What is left is
/// what any Cosmos kernel does: something before the first run, then the runs.
/// </summary>
public class Kernel : Sys.Kernel
{
    /// <summary>Cosmos's start-up makes the kernel first, and then turns to its drivers.</summary>
    public Kernel()
    {
        Interrupts.BeforeTable();
    }

    /// <summary>Cosmos's drivers are up: self-test, and the line that ends the boot.</summary>
    protected override void BeforeRun()
    {
        CosmosBoot.BeforeRun();
    }

    /// <summary>The shell.</summary>
    protected override void Run()
    {
        CosmosBoot.Run();
    }
}
