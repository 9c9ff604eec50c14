using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.LogOutput;
using CosmosBootAlloc.Boot.Panics;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Boot;

/// <summary>
/// The part of the boot that runs before there is a heap, under either toolchain and for any kernel: log, facts, the variant's chain. It
/// does not read the boot information, which the caller does between <see cref="StartLog"/> and <see cref="RunChain"/>, and it starts
/// nothing that needs a heap.
/// </summary>
internal static unsafe class BootSequence
{
    /// <summary>Starts the clock and the kernel log, whose lines are held until <see cref="ShowLog"/>. Needs only the CPU.</summary>
    internal static void StartLog()
    {
        Clock.Start();
        KernelState.Memory->Physical.Init(null);
        KernelState.Log->Init(null, &LogSink.Line, &PanicHandler.Panic);
        KernelState.Log->CountTicks(&LogSink.Ticks);
        KernelState.Log->Hold(KernelState.HeldLog);
        KernelState.Console->Init(null, &Terminal.Line, &PanicHandler.Panic);
    }

    /// <summary>Runs the chain of this image's variant: from the facts the loader reported to an object heap.</summary>
    /// <param name="collect">The toolchain's collector, called when memory runs short.</param>
    internal static void RunChain(delegate*<void> collect)
    {
        KernelLog* log = KernelState.Log;
        BootState* boot = KernelState.Boot;
        MachineFacts* facts = KernelState.Facts;
        facts->TextStart = KernelImage.TextStart();
        facts->TextEnd = KernelImage.TextEnd();
        facts->ImageEnd = KernelImage.End();
        boot->Init(KernelState.Memory, facts, &LogSink.TicksWithoutLogging);
        bool logOnScreen = LogDevices.LogOnScreen || boot->Options.Debug || boot->Options.EarlyPrintk;
        Terminal.QuietScreen(boot->Options.Quiet || !logOnScreen);
        SerialPort.Use(boot->Options.ConsolePort(null));
        if (boot->Options.EarlyPrintk)
        {
            log->Release();
        }

        BootLine(log, facts);
        boot->Options.Report(log, boot->Facts);
        boot->Options.ConsolePort(log);
        if (facts->RangeDropped != 0)
        {
            log->Panic(
                "The loader passed %d more ranges (modules, strings) than the %d that can be kept: boot with fewer modules",
                (ulong)facts->RangeDropped, MachineFacts.RangeCapacity);
        }

        if (boot->Options.Debug)
        {
            MemoryReport.LoaderRanges(log);
        }

        Variant.Run(boot);
        ObjectMemory.Init();
        GarbageCollection.Use(collect);
        Shortage.Init();
        if (boot->Options.Debug)
        {
            MemoryReport.Reservations(log);
            MemoryReport.BuddyInfo(log);
        }
    }

    /// <summary>Writes the log so far, now that the heap is ready, and the CPU whose clock is calibrated for it.</summary>
    internal static void ShowLog()
    {
        KernelState.Log->Release();
        CpuReport.Print(KernelState.Log);
    }

    private static void BootLine(KernelLog* log, MachineFacts* facts)
    {
        log->Text("bootalloc: boot variant=");
        log->Text(Variant.Name);
        log->Text(" toolchain=");
        log->Text(Toolchain.Name);
        log->Text(" version=");
        log->Text(Distribution.Version);
        log->Print(" loader=\"%q\" cmdline=\"%q\"\n", (uint)facts->LoaderName(), (uint)facts->CommandLine());
    }
}
