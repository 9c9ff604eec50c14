using CosmosBootAlloc.Kernel.OnCosmos;
using Sys = Cosmos.System;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The Cosmos user kernel. By the time it is constructed, the memory chain has run: Cosmos's start-up called the plug of its heap set-up.
/// What remains is what any Cosmos kernel does: something before the first run, then the runs.
/// </summary>
public class Kernel : Sys.Kernel
{
    /// <summary>Cosmos's start-up constructs the kernel first and its drivers after it.</summary>
    public Kernel()
    {
        Interrupts.BeforeTable();
    }

    /// <summary>Runs once Cosmos's drivers are up: self-test, benchmark, and the line that ends the boot.</summary>
    protected override void BeforeRun()
    {
        CosmosStart.Run();
        Boot.RunTests();
    }

    /// <summary>Runs the shell. Does not return.</summary>
    protected override void Run()
    {
        Boot.RunShell(CosmosCommands.Make());
    }
}
