using System;
using System.Globalization;
using CsCheck;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>
/// How long a fuzz runs: a fixed number of cases in a test run, or BOOTALLOC_FUZZ_SECONDS seconds when that is set. A failure is
/// shrunk and its seed printed.
/// </summary>
internal static class FuzzTime
{
    private static readonly int s_seconds =
        int.TryParse(
            Environment.GetEnvironmentVariable("BOOTALLOC_FUZZ_SECONDS"),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int seconds) ? seconds : -1;

    /// <summary>Runs the check over generated cases.</summary>
    internal static void Fuzz<T>(this Gen<T> cases, int iterations, Action<T> check, Func<T, string>? print = null)
    {
        if (s_seconds > 0)
        {
            cases.Sample(check, time: s_seconds, print: print);
        }
        else
        {
            cases.Sample(check, iter: iterations, print: print);
        }
    }
}
