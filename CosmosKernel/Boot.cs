using CosmosBootAlloc.Kernel.Shell;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Kernel;

/// <summary>
/// The boot on one screen, in two halves: what runs before there is a heap (log, facts, the variant's chain), and what runs
/// on it (self-test, shell). Between them the toolchain attaches what needs a heap of its own.
/// </summary>
internal static unsafe class Boot
{
    /// <summary>Clock and kernel log, which is held until <see cref="ShowLog"/>. Needs nothing but the CPU.</summary>
    internal static void StartLog()
    {
        Clock.Start();
        Root.Memory->Physical.Init(null);
        Root.Log->Init(null, &LogSink.Line, &LogSink.Panic);
        Root.Log->CountTicks(&LogSink.Ticks);
        Root.Log->Hold(Root.HeldLog);
        Root.Console->Init(null, &Terminal.Line, &LogSink.Panic);
    }

    /// <summary>From what the loader told to an object heap: the chain of this image's variant.</summary>
    internal static void RunChain()
    {
        KernelLog* log = Root.Log;
        BootState* boot = Root.Boot;
        MachineFacts* facts = Root.Facts;
        facts->TextStart = KernelImage.TextStart();
        facts->TextEnd = KernelImage.TextEnd();
        facts->ImageEnd = KernelImage.End();
        boot->Init(Root.Memory, facts, &LogSink.TicksWithoutLogging);
        Terminal.QuietScreen(boot->Options.Quiet);
        if (boot->Options.EarlyPrintk)
        {
            log->Release();
        }

        BootLine(log, facts);
        boot->Options.ReportUnknown(log);
        if (facts->RangeDropped != 0)
        {
            log->Panic("The loader passed %d more ranges (modules, strings) than the %d that can be kept: boot with fewer modules", (ulong)facts->RangeDropped, MachineFacts.RangeCapacity);
        }

        if (boot->Options.Debug)
        {
            MemoryReport.LoaderRanges(log);
        }

        Variant.Run(boot);
        ObjectMemory.Init();
        Shortage.Init();
        if (boot->Options.Debug)
        {
            MemoryReport.Reservations(log);
            MemoryReport.BuddyInfo(log);
        }
    }

    /// <summary>The heap is ready: writes the log so far, and what CPU all this ran on, whose clock is measured for it.</summary>
    internal static void ShowLog()
    {
        Root.Log->Release();
        CpuReport.Print(Root.Log);
    }

    /// <summary>Self-test and benchmark, the line that ends the boot; with <c>poweroff</c> on the command line it does not return.</summary>
    internal static void RunTests()
    {
        BootState* boot = Root.Boot;
        uint failed = SelfTest.SelfTests.Run(Root.Log, boot->Options.SelfTest);
        if (boot->Options.Bench)
        {
            Benchmark.Run(Root.Log);
        }

        Root.Log->Text(failed == 0 ? "bootalloc: done status=ok" : "bootalloc: done status=failed");
        Root.Log->Print(" total_ticks=%d\n", boot->TotalTicks());
        if (boot->Options.PowerOff)
        {
            Power.Off(failed != 0);
        }
    }

    /// <summary>The shell. Does not return.</summary>
    internal static void RunShell()
    {
        Interrupts.StartDevices();
        Root.Console->Print("\nType 'help' for the commands.\n");
        CommandLoop.Run();
    }

    private static void BootLine(KernelLog* log, MachineFacts* facts)
    {
        log->Text("bootalloc: boot variant=");
        log->Text(Variant.Name);
        log->Text(" toolchain=");
        log->Text(Toolchain.Name);
        log->Text(" version=");
        log->Text(Release.Version);
        log->Print(" loader=\"%s\" cmdline=\"%s\"\n", (uint)facts->LoaderName(), (uint)facts->CommandLine());
    }
}
