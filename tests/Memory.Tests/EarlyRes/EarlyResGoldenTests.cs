using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>
/// Recorded results of Linux 2.6.34 for the early reservations: all come back byte for byte, but for the one where Linux never
/// returns; there our operation ends, so the last line is missing.
/// </summary>
public sealed class EarlyResGoldenTests
{
    private const string Hang = "! hang\n";

    public static TheoryData<string> Files => E820TestSupport.Traces("earlyres");

    [Theory]
    [MemberData(nameof(Files))]
    public void ReplaysByteForByte(string file)
    {
        string trace = E820TestSupport.Trace("earlyres", file);
        string expected = trace.EndsWith(Hang, System.StringComparison.Ordinal) ? trace[..^Hang.Length] : trace;
        Assert.Equal(expected, E820TestSupport.Replay(trace));
    }
}
