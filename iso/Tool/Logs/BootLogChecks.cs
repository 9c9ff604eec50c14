using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Simulator.KernelLogs;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>What a log must contain for its boot to count as good.</summary>
public static class BootLogChecks
{
    private const ulong MostMetadataBytesPerPage = 8;
    private const ulong PageBytes = 4096;
    private const ulong KilobytesPerPage = PageBytes >> 10;

    /// <summary>Everything that is wrong with a machine that had to boot once; empty for a good boot.</summary>
    public static IReadOnlyList<string> Check(BootLog log)
    {
        if (log.Boots == 0 && log.Panic == null)
        {
            return CpuTooOld(log)
                ? ["the kernel reports that the CPU is too old"]
                : ["the kernel never reported its boot (no line 'bootalloc: boot ...'); with 'earlyprintk' on its command line it "
                    + "writes each line at once"];
        }

        IReadOnlyList<string> wrong = CheckOne(log);
        return log.Boots > 1 ? [$"the machine was reset: the log holds {log.Boots} boots", .. wrong] : wrong;
    }

    /// <summary>The kernel refused the CPU.</summary>
    public static bool CpuTooOld(BootLog log) => log.Messages.Any(m => m.Text.Contains("CPU is too old", System.StringComparison.Ordinal));

    /// <summary>Everything that is wrong with one boot of a capture, which may lack its beginning; empty for a good boot.</summary>
    public static IReadOnlyList<string> CheckOne(BootLog log)
    {
        List<string> wrong = [];
        if (log.Boots == 0 && CpuTooOld(log))
        {
            wrong.Add("the kernel reports that the CPU is too old");
            return wrong;
        }

        if (log.Panic is { } panic)
        {
            wrong.Add($"panic: {panic["message"]}");
            return wrong;
        }

        if (log.IsLinux)
        {
            return wrong;
        }

        if (log.Done is not { } done)
        {
            wrong.Add("the boot did not end (no line 'bootalloc: done ...')");
        }
        else if (done["status"] != "ok")
        {
            wrong.Add($"the boot ended with status {done["status"]}");
        }

        CheckSelfTests(log, wrong);
        CheckPages(log, wrong);
        CheckMemoryLine(log, wrong);
        return wrong;
    }

    private static void CheckSelfTests(BootLog log, List<string> wrong)
    {
        foreach (Fact test in log.SelfTests)
        {
            if (test.Number("failed") is not { } failed || test.Number("passed") is not { } passed)
            {
                wrong.Add($"line {test.Line}: a self-test without its figures");
            }
            else if (failed != 0)
            {
                wrong.Add($"line {test.Line}: {failed} of {passed + failed} self-tests failed");
            }
            else if (passed == 0)
            {
                wrong.Add($"line {test.Line}: a self-test that tested nothing");
            }
        }
    }

    // usable = free + the sum of the accounts, to the page.
    private static void CheckPages(BootLog log, List<string> wrong)
    {
        if (log.Accounted is not { } sum)
        {
            wrong.Add("pages are not accounted for (no line 'bootalloc: accounted ...')");
        }
        else if (sum.Number("usable_pages") is not { } usable || sum.Number("free_pages") is not { } free
            || sum.Number("reserved_pages") is not { } reserved || sum.Number("missing_pages") is not { } missing)
        {
            wrong.Add($"line {sum.Line}: expected usable_pages, free_pages, reserved_pages and missing_pages");
        }
        else
        {
            if (missing != 0 || usable != free + reserved)
            {
                wrong.Add($"line {sum.Line}: pages do not add up: {usable} usable, {free} free, {reserved} reserved, {missing} missing");
            }

            ulong named = log.Accounts.Aggregate(0UL, (total, account) => total + (account.Number("pages") ?? 0));
            if (named != reserved)
            {
                wrong.Add($"line {sum.Line}: {reserved} pages reserved, but the names account for {named}");
            }
        }

        if (log.Stage("buddy") is { } buddy
            && buddy.Number("metadata_bytes") is { } metadata && buddy.Number("span_pages") is { } span
            && metadata > (span * MostMetadataBytesPerPage) + PageBytes - 1)
        {
            // The table covers holes too, and occupies whole pages.
            wrong.Add($"line {buddy.Line}: {metadata} bytes of metadata for a span of {span} pages, expected at most "
                + $"{MostMetadataBytesPerPage} per page");
        }
    }

    // total = available + absent + reserved, and what is available is what the sum calls free. Older logs have no "absent".
    private static void CheckMemoryLine(BootLog log, List<string> wrong)
    {
        if (log.Messages.LastOrDefault(m => !m.Cut && m.Text.StartsWith("Memory: ", System.StringComparison.Ordinal)) is not { } line
            || KernelLines.ReadMemory(line.Text) is not { } memory
            || memory.Part("absent") is not { } absent || memory.Part("reserved") is not { } reserved)
        {
            return;
        }

        if (memory.Total != memory.Available + absent + reserved)
        {
            wrong.Add($"line {line.Number}: Memory: does not add up: {memory.Total} kB, of these {memory.Available} available, {absent} "
                + $"absent, {reserved} reserved");
        }

        if (log.Accounted?.Number("free_pages") is { } free && memory.Available != free * KilobytesPerPage)
        {
            wrong.Add($"line {line.Number}: Memory: has {memory.Available} kB available, but {free} pages are accounted as free");
        }
    }
}
