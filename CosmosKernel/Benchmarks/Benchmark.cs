using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>One run of a benchmark.</summary>
internal readonly struct BenchRun
{
    /// <summary>Operations that were done; 0 if the machine lacks the memory for them.</summary>
    internal readonly uint Operations;

    /// <summary>What they took together.</summary>
    internal readonly ulong Ticks;

    internal BenchRun(uint operations, ulong ticks)
    {
        Operations = operations;
        Ticks = ticks;
    }
}

/// <summary>
/// Ticks an operation of the allocators in the running kernel, each case several times: the median counts, the fastest and the slowest run
/// show the spread. Under an emulator that counts instructions ticks are instructions, and two boots give the same figures.
/// </summary>
internal static unsafe class Benchmark
{
    /// <summary>Operations of a run, where the case has no number of its own.</summary>
    internal const uint Operations = 10000;

    private const int Runs = 5;

    /// <summary>
    /// Runs all; a line each: <c>bootalloc: bench name=... ops=... ticks_per_op=... min=... median=... max=... runs=...</c>.
    /// </summary>
    internal static void Run(KernelLog* log)
    {
        CpuReport.Print(log);
        Measure(log, "clock_read", &ClockReads, 0);
        PageBenchmark.Run(log);
        HeapBenchmark.Run(log);
    }

    /// <summary>Runs a case several times and logs its line; one that this machine cannot do is named and left out.</summary>
    /// <param name="log">Receives the line.</param>
    /// <param name="name">The case's name. Never change it: logs are compared by it.</param>
    /// <param name="work">Does it once.</param>
    /// <param name="argument">For the work.</param>
    internal static void Measure(KernelLog* log, string name, delegate*<uint, BenchRun> work, uint argument)
    {
        ulong* sorted = stackalloc ulong[Runs];
        uint operations = 0;
        for (int i = 0; i < Runs; i++)
        {
            BenchRun run = work(argument);
            if (run.Operations == 0)
            {
                log->Text("bench: ");
                log->Text(name);
                log->Print(" left out: too little memory for it\n");
                return;
            }

            operations = run.Operations;
            ulong ticks = run.Ticks / operations;
            int at = i;
            while (at > 0 && sorted[at - 1] > ticks)
            {
                sorted[at] = sorted[at - 1];
                at--;
            }

            sorted[at] = ticks;
        }

        log->Text("bootalloc: bench name=");
        log->Text(name);
        log->Print(
            " ops=%d ticks_per_op=%d min=%d median=%d max=%d runs=%d\n", operations, sorted[Runs / 2], sorted[0], sorted[Runs / 2],
            sorted[Runs - 1], Runs);
    }

    private static BenchRun ClockReads(uint unused)
    {
        ulong start = Clock.Ticks();
        for (uint i = 0; i < Operations; i++)
        {
            Clock.Ticks();
        }

        return new BenchRun(Operations, Clock.Ticks() - start);
    }
}
