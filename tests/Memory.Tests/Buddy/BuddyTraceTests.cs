using System.Collections.Generic;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

/// <summary>The recorded buddy traces: our zone gives what Linux 2.6.34's gave, block for block.</summary>
public sealed class BuddyTraceTests
{
    public static IEnumerable<object[]> Traces() => TraceFiles.Of("buddy");

    [Theory]
    [MemberData(nameof(Traces))]
    public void GoldenTraceIsPrintedBackByteForByte(string trace) => TraceFiles.AssertPrintedBack("buddy", trace);
}
