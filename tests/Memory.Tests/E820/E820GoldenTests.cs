using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>Recorded results of Linux 2.6.34 for the memory map: all come back byte for byte.</summary>
public sealed class E820GoldenTests
{
    public static TheoryData<string> Files => E820TestSupport.Traces("e820");

    [Theory]
    [MemberData(nameof(Files))]
    public void ReplaysByteForByte(string file)
    {
        string trace = E820TestSupport.Trace("e820", file);
        Assert.Equal(trace, E820TestSupport.Replay(trace));
    }
}
