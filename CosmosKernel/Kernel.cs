using Sys = Cosmos.System;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The Cosmos user kernel. By the time it is constructed, the boot memory chain has run: Cosmos's start-up called the plug of its heap
/// set-up. The rest is an ordinary Cosmos kernel: BeforeRun once, then Run.
/// </summary>
public class Kernel : Sys.Kernel
{
    /// <summary>Cosmos's start-up constructs the kernel before it starts its drivers.</summary>
    public Kernel()
    {
        Interrupts.BeforeTable();
    }

    /// <summary>Cosmos's drivers are up: runs the self-test and logs the line that ends the boot.</summary>
    protected override void BeforeRun()
    {
        CosmosBoot.BeforeRun();
    }

    /// <summary>Runs the shell.</summary>
    protected override void Run()
    {
        CosmosBoot.Run();
    }
}
