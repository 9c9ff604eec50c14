using Cosmos.Core.Memory;
using CosmosBootAlloc.Kernel.SelfTest;
using CosmosBootAlloc.Kernel.SelfTest.Cosmos;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.SelfTest.Stock;

/// <summary>Tests as much as the stock heap survives: objects, blocks and pages come and go.</summary>
internal static unsafe class SelfTests
{
    /// <summary>Runs all and logs <c>bootalloc: selftest passed=N failed=N</c>.</summary>
    /// <param name="log">Receives the lines.</param>
    /// <param name="verbose">Log one line per check.</param>
    /// <returns>Number of failed checks.</returns>
    internal static uint Run(KernelLog* log, bool verbose)
    {
        Checks checks;
        checks.Log = log;
        checks.Verbose = verbose;
        checks.Passed = 0;
        checks.Failed = 0;
        LanguageTest.Run(&checks);
        InterruptsTest.Run(&checks);
        byte* block = Heap.Alloc(100);
        checks.Expect(block != null && block[0] == 0 && block[99] == 0, "a block is zeroed");
        Heap.Free(block);
        uint free = RAT.FreePageCount;
        void* page = RAT.AllocPages(RAT.PageType.HeapLarge, 1);
        checks.Equal(free - 1, RAT.FreePageCount, "a page taken is a page less");
        RAT.Free(page);
        checks.Equal(free, RAT.FreePageCount, "and comes back");
        log->Print("bootalloc: selftest passed=%d failed=%d\n", checks.Passed, checks.Failed);
        return checks.Failed;
    }
}
