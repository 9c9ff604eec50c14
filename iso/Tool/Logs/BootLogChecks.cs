using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>What a log must say for its boot to count as good.</summary>
public static partial class BootLogChecks
{
    private const ulong MostMetadataBytesPerPage = 8;
    private const ulong PageBytes = 4096;

    /// <summary>Everything that is wrong; empty for a good boot.</summary>
    public static IReadOnlyList<string> Check(BootLog log)
    {
        if (log.Boots == 0)
        {
            return log.Messages.Any(m => m.Text.Contains("CPU is too old", StringComparison.Ordinal))
                ? ["the kernel says that the CPU is too old"]
                : ["the kernel never said that it booted (no line 'bootalloc: boot ...')"];
        }

        List<string> wrong = [];
        if (log.Boots > 1)
        {
            wrong.Add($"the machine was reset: the log holds {log.Boots} boots");
        }

        if (log.Panic is { } panic)
        {
            wrong.Add($"panic: {panic["message"]}");
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

    // usable = free + accounted for by name, to the page.
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

        CheckMetadata(log, wrong);
    }

    // The table has an entry for every page below the end of the highest zone, holes too, and fills whole pages itself.
    private static void CheckMetadata(BootLog log, List<string> wrong)
    {
        if (log.Stage("buddy") is not { } buddy || buddy.Number("metadata_bytes") is not { } metadata || buddy.Number("managed_pages") is not { } managed)
        {
            return;
        }

        ulong pages = Math.Max(managed, EndOfZones(log));
        ulong most = (pages * MostMetadataBytesPerPage + PageBytes - 1) / PageBytes * PageBytes;
        if (metadata > most)
        {
            wrong.Add($"line {buddy.Line}: {metadata} bytes of metadata for {pages} pages, expected at most {most} ({MostMetadataBytesPerPage} a page)");
        }
    }

    private static ulong EndOfZones(BootLog log)
    {
        ulong end = 0;
        foreach (LogLine message in log.Messages)
        {
            Match zone = ZoneRow().Match(message.Text);
            if (zone.Success)
            {
                end = Math.Max(end, ulong.Parse(zone.Groups[1].ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }
        }

        return end;
    }

    [GeneratedRegex(@"^ +(?:DMA|Normal) +0x[0-9a-f]+ -> 0x([0-9a-f]{1,16})$")]
    private static partial Regex ZoneRow();
}
