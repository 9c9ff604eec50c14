using System;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>A boot log for tests, as COM1 sends it; each test bends a copy.</summary>
internal static class SampleLog
{
    /// <summary>A good boot: 1,000 usable pages, 900 free, 100 accounted for by two names.</summary>
    internal const string Good = """
        [    0.000100] bootalloc: boot variant=nobootmem toolchain=nativeaot version=0.1.0 loader="GRUB 2.06" cmdline="mem=64M"
        [    0.000200] BIOS-provided physical RAM map:
        [    0.000300]  BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
        [    0.000400] bootalloc: stage name=e820 entries=6 usable_kb=4000 ticks=100
        [    0.000500] Subtract (2 early reservations)
        [    0.000600]   #0 [0000100000 - 0000137000]   TEXT DATA BSS
        [    0.000700]   #1 [000009fc00 - 0000100000]   BIOS reserved
        [    0.000800] bootalloc: stage name=buddy managed_pages=1000 free_pages=900 blocks=5 metadata_bytes=8000 ticks=200 span_pages=1024
        [    0.000900] bootalloc: account name="TEXT DATA BSS" pages=60
        [    0.001000] bootalloc: account name="mem_map" pages=40
        [    0.001100] bootalloc: accounted usable_pages=1000 free_pages=900 reserved_pages=100 missing_pages=0
        [    0.001200] bootalloc: selftest passed=63 failed=0
        [    0.001300] bootalloc: done status=ok total_ticks=300

        bootalloc> selftest
        [    0.900000] bootalloc: selftest passed=64 failed=0
        bootalloc> poweroff

        """;

    /// <summary>The good boot with one thing changed; fails when it is not there.</summary>
    internal static string With(string old, string replacement)
    {
        if (!Good.Contains(old, StringComparison.Ordinal))
        {
            throw new ArgumentException($"the sample holds no '{old}'");
        }

        return Good.Replace(old, replacement, StringComparison.Ordinal);
    }
}
