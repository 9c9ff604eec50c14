using System.Collections.Generic;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded memblock traces: ours gives what Linux 6.12's gave, row for row.</summary>
public sealed class MemblockTraceTests
{
    public static IEnumerable<object[]> Traces() => TraceFiles.Of("memblock");

    [Theory]
    [MemberData(nameof(Traces))]
    public void GoldenTraceIsPrintedBackByteForByte(string trace) => TraceFiles.AssertPrintedBack("memblock", trace);
}
