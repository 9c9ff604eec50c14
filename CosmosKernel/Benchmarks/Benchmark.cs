using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Benchmarks;

/// <summary>One run of a benchmark.</summary>
internal readonly struct BenchRun
{
    /// <summary>Operations done; 0 if the machine does not have enough memory for the case.</summary>
    internal readonly uint Operations;

    /// <summary>Ticks that all of them took together.</summary>
    internal readonly ulong Ticks;

    internal BenchRun(uint operations, ulong ticks)
    {
        Operations = operations;
        Ticks = ticks;
    }
}

/// <summary>
/// Measures the allocators of the running kernel in ticks per operation. Each case runs several times: the median counts, the fastest and
/// slowest runs show the spread. Under an emulator that counts instructions, ticks are instructions, and every boot gives the same figures.
/// </summary>
internal static unsafe class Benchmark
{
    /// <summary>Operations per run, unless the case has a number of its own.</summary>
    internal const uint Operations = 10000;

    private const int Runs = 5;

    /// <summary>
    /// Runs all cases and logs one line per case: <c>bootalloc: bench name=... ops=... ticks_per_op=... min=... median=... max=...
    /// runs=...</c>.
    /// </summary>
    internal static void Run(KernelLog* log)
    {
        CpuReport.Print(log);
        Measure(log, "clock_read", &ClockReads, 0);
        PageBenchmark.Run(log);
        HeapBenchmark.Run(log);
    }

    /// <summary>
    /// Runs a case several times and logs its line. A case that needs more memory than this machine has is skipped with a message, and all
    /// that follow a Ctrl-C without one.
    /// </summary>
    /// <param name="log">Receives the line.</param>
    /// <param name="name">Name of the case; never changes, so that logs stay comparable.</param>
    /// <param name="work">Performs one run.</param>
    /// <param name="argument">Passed to <paramref name="work"/>.</param>
    internal static void Measure(KernelLog* log, string name, delegate*<uint, BenchRun> work, uint argument)
    {
        ulong* sorted = stackalloc ulong[Runs];
        uint operations = 0;
        for (int i = 0; i < Runs; i++)
        {
            if (Interruption.Wanted())
            {
                return;
            }

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
        ulong median = sorted[Runs / 2];
        log->Print(
            " ops=%d ticks_per_op=%d min=%d median=%d max=%d runs=%d\n",
            operations, median, sorted[0], median, sorted[Runs - 1], Runs);
    }

    /// <summary>The next of a series of numbers that is the same in every boot; the upper bits are the random ones.</summary>
    internal static uint Next(uint random) => (random * 1664525) + 1013904223;

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
