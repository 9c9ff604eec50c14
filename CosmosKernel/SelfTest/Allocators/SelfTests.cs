using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.SelfTest.Allocators;

/// <summary>
/// Checks in the running kernel what the boot built: the books, the page allocator, the object heap, and what the compiler makes of C#.
/// Pages and heaps are left as they were found: what the language test made is collected.
/// </summary>
internal static unsafe class SelfTests
{
    /// <summary>What a toolchain adds to the tests that both have; null for nothing.</summary>
    internal static delegate*<Checks*, void> More { get; set; }

    /// <summary>Runs all and logs <c>bootalloc: selftest passed=N failed=N</c>; each failure gets a line of its own.</summary>
    /// <param name="log">Where to.</param>
    /// <param name="verbose">Prints one line per check.</param>
    /// <returns>Number of failed checks.</returns>
    internal static uint Run(KernelLog* log, bool verbose)
    {
        Checks checks;
        checks.Log = log;
        checks.Verbose = verbose;
        checks.Passed = 0;
        checks.Failed = 0;
        BooksTest.Run(&checks);
        PageTest.Run(&checks);
        HeapTest.Run(&checks);
        LanguageTest.Run(&checks);
        CollectorTest.Run(&checks);
        if (More != null)
        {
            More(&checks);
        }

        log->Print("bootalloc: selftest passed=%d failed=%d\n", checks.Passed, checks.Failed);
        return checks.Failed;
    }
}
