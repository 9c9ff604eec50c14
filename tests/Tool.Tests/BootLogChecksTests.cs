using System;
using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What makes a boot count as failed: one broken thing each, and the message that names it.</summary>
public sealed class BootLogChecksTests
{
    [Theory]
    [InlineData("failed=0", "failed=2", "2 of 65 self-tests failed")]
    [InlineData("selftest passed=63 failed=0", "selftest passed=0 failed=0", "tested nothing")]
    [InlineData("selftest passed=63 failed=0", "selftest passed=63", "without its figures")]
    [InlineData("done status=ok", "done status=failed", "status failed")]
    [InlineData("done status=ok", "don", "did not end")]
    [InlineData("done status=ok", "panic message=\"out of memory\" x=1", "panic: out of memory")]
    [InlineData("missing_pages=0", "missing_pages=1", "do not add up")]
    [InlineData("usable_pages=1000", "usable_pages=1001", "do not add up")]
    [InlineData("name=\"mem_map\" pages=40", "name=\"mem_map\" pages=41", "the names account for 101")]
    [InlineData("accounted usable_pages=1000", "accounted all_pages=1000", "expected usable_pages")]
    [InlineData("bootalloc: accounted usable_pages", "bootalloc: counted usable_pages", "not accounted for")]
    [InlineData("metadata_bytes=8000", "metadata_bytes=12288", "12288 bytes of metadata")]
    [InlineData("bootalloc: boot variant", "bootalloc: bot variant", "never reported its boot")]
    public void EachBrokenThingIsNamed(string old, string replacement, string expected)
        => Assert.Contains(BootLogChecks.Check(BootLog.Parse("x.log", SampleLog.With(old, replacement))),
            p => p.Contains(expected, StringComparison.Ordinal));

    // 900 pages are free. Expect a whole line to add up and to agree with the sum; one without "absent" is an older log's.
    [Theory]
    [InlineData("3600k/4096k available (60k kernel code, 96k absent, 400k reserved, 10k data, 0k init)", null)]
    [InlineData("3600k/4096k available (60k kernel code, 404k reserved, 10k data, 0k init)", null)]
    [InlineData("3600k/4096k available (60k kernel code, 97k abs", null)]
    [InlineData("3600k/4096k available (60k kernel code, 97k absent, 400k reserved, 10k data, 0k init)", "does not add up: 4096 kB")]
    [InlineData("3604k/4096k available (60k kernel code, 92k absent, 400k reserved, 10k data, 0k init)", "has 3604 kB available")]
    public void TheLineMemoryIsChecked(string line, string? expected)
    {
        string log = SampleLog.With("bootalloc: account name=\"TEXT", $"Memory: {line}\n[    0.000901] bootalloc: account name=\"TEXT");
        string problems = string.Join("; ", BootLogChecks.Check(BootLog.Parse("x.log", log)));
        Assert.Equal(expected == null, problems.Length == 0);
        Assert.StartsWith(expected == null ? "" : "line 9: Memory: " + expected, problems, StringComparison.Ordinal);
    }

    [Fact]
    public void APanicBeforeTheFirstLineIsNamed()
        => Assert.Equal(["panic: Too little memory"],
            BootLogChecks.Check(BootLog.Parse("x", "[    0.000005] bootalloc: panic message=\"Too little memory\"\n")));

    [Fact]
    public void AnOldCpuIsNamed()
        => Assert.Equal(["the kernel reports that the CPU is too old"],
            BootLogChecks.Check(BootLog.Parse("x", "bootalloc: this CPU is too old: it lacks CMOV")));
}
