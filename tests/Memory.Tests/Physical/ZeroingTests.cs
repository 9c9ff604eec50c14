using System;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Physical;

/// <summary>Zeroing touches the bytes asked for and no others.</summary>
public sealed unsafe class ZeroingTests
{
    [Fact]
    public void EveryLengthAndAlignmentIsClearedExactly()
    {
        byte* buffer = stackalloc byte[256];
        for (int start = 0; start < 20; start++)
        {
            for (int length = 0; length <= 200; length++)
            {
                Span<byte> bytes = new(buffer, 256);
                bytes.Fill(0xff);
                Zeroing.Clear(buffer + start, (nuint)length);
                Assert.Equal(-1, bytes[..start].IndexOfAnyExcept((byte)0xff));
                Assert.Equal(-1, bytes.Slice(start, length).IndexOfAnyExcept((byte)0));
                Assert.Equal(-1, bytes[(start + length)..].IndexOfAnyExcept((byte)0xff));
            }
        }
    }
}
