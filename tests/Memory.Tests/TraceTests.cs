using System;
using System.Linq;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded results of Linux: ours are the same, byte for byte, but for the traces named here.</summary>
public sealed class TraceTests
{
    private const string Hang = "! hang\n";

    // Linux hands over nothing in the first two; NoBootmemTraceTests states what we do instead. The third is below.
    private static readonly (string Kind, string File)[] s_otherwise =
        [("nobootmem", "060.trace"), ("nobootmem", "062.trace"), ("memblock", "045.trace")];

    public static TheoryData<string, string> Traces
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach ((string kind, string file) in TraceFiles.All().Where(t => !s_otherwise.Contains(t)))
            {
                data.Add(kind, file);
            }

            return data;
        }
    }

    // Expect the file back. Where Linux never returns, our operation ends, so that last line is missing.
    [Theory]
    [MemberData(nameof(Traces))]
    public void ATraceIsPrintedBackByteForByte(string kind, string file)
    {
        string trace = TraceFiles.Read(kind, file);
        string expected = trace.EndsWith(Hang, StringComparison.Ordinal) ? trace[..^Hang.Length] : trace;
        Assert.Equal(expected, TraceFiles.Replay(trace, file));
    }

    // Linux counts what mb_trim cut off as memory for ever. Expect our sum to be that of the regions, and all else as Linux has it.
    [Fact]
    public void TrimmedMemoryIsNotCounted()
    {
        string expected = TraceFiles.Read("memblock", "045.trace").Replace("= 0xff3100 0x7cc32\n", "= 0xff3000 0x7cc32\n");
        Assert.Equal(expected, TraceFiles.Replay(TraceFiles.Read("memblock", "045.trace"), "045.trace"));
        Assert.Contains("memory 0 0x31000 0x9b8000 ", expected, StringComparison.Ordinal);
        Assert.Contains("memory 1 0x104f000 0x63b000 ", expected, StringComparison.Ordinal);
    }

    [Fact]
    public void NoTraceIsMissing()
    {
        Assert.Equal(218, TraceFiles.All().Count());
    }
}
