using System.Collections.Generic;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded lmb traces: ours gives what Linux 2.6.34's gave, row for row.</summary>
public sealed class LmbTraceTests
{
    public static IEnumerable<object[]> Traces() => TraceFiles.Of("lmb");

    [Theory]
    [MemberData(nameof(Traces))]
    public void GoldenTraceIsPrintedBackByteForByte(string trace) => TraceFiles.AssertPrintedBack("lmb", trace);
}
