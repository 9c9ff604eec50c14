using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.Shutdown;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.BootSummary;
using CosmosBootAlloc.Kernel.Shell;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The second half of the boot, on the heap that <c>BootSequence</c> (Plugs/Boot) set up: self-test, benchmark, shell. Between the two
/// halves each toolchain starts its own parts that need a heap.
/// </summary>
internal static unsafe class Boot
{
    /// <summary>
    /// Runs self-test and benchmark and logs the line that ends the boot. Does not return if the command line has <c>poweroff</c>.
    /// </summary>
    internal static void RunTests()
    {
        BootState* boot = KernelState.Boot;
        uint failed = SelfTests.Run(KernelState.Log, boot->Options.SelfTest);
        if (boot->Options.Bench)
        {
            // It takes a while: show that it goes on.
            Terminal.QuietScreen(boot->Options.Quiet);
            Benchmark.Run(KernelState.Log);
        }

        KernelState.Log->Text(failed == 0 ? "bootalloc: done status=ok" : "bootalloc: done status=failed");
        KernelState.Log->Print(" total_ticks=%d\n", boot->TotalTicks());
        if (boot->Options.PowerOff)
        {
            Power.Off(failed != 0);
        }

        if (!boot->Options.Quiet)
        {
            ShowSummary(boot->Options.Debug || boot->Options.EarlyPrintk);
        }
    }

    // A screen is too small for the log. COM1 has it, and dmesg shows it.
    private static void ShowSummary(bool below)
    {
        Terminal.QuietScreen(false);
        if (!below)
        {
            Terminal.ClearScreen();
        }

        SummaryScreen.Print(serial: false);
    }

    /// <summary>Runs the shell. Does not return.</summary>
    /// <param name="more">The commands that only this toolchain has.</param>
    internal static void RunShell(Command[] more)
    {
        Commands.Use(SharedCommands.Make(), more);
        Interrupts.StartDevices();
        KernelState.Console->Print("\nType 'help' for the commands.\n");
        CommandLoop.Run();
    }
}
