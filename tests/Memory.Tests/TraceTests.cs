using System;
using System.Linq;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded results of Linux: ours are the same, byte for byte, but for the traces named here.</summary>
public sealed class TraceTests
{
    private const string Hang = "! hang\n";

    // Linux hands over nothing in these two; NoBootmemTraceTests states what we do instead.
    private static readonly (string Kind, string File)[] s_otherwise = [("nobootmem", "060.trace"), ("nobootmem", "062.trace")];

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

    [Fact]
    public void NoTraceIsMissing()
    {
        Assert.Equal(213, TraceFiles.All().Count());
    }
}
