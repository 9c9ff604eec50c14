using System;
using CosmosBootAlloc.Plugs.Heaps;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>Stack arrays before there is a heap: frames fall in address as calls go deeper.</summary>
[Collection(nameof(SimulatedCosmos))]
public sealed unsafe class EarlyStackTests
{
    [Fact]
    public void ArraysOfOneMethodLieSideBySideAndDeeperOnesBehind()
    {
        byte* a = EarlyStack.Allocate(10, 900, 1);
        byte* b = EarlyStack.Allocate(10, 900, 2);
        byte* deep = EarlyStack.Allocate(10, 800, 7);
        new Span<byte>(deep, 10).Fill(1);

        Assert.True(a + 10 <= b && b + 10 <= deep);

        // The deeper method returned: its place is taken, zeroed.
        byte* other = EarlyStack.Allocate(10, 850, 9);
        Assert.True(other == deep);
        Assert.Equal(0, *other);

        // The same method again, from its first array on.
        Assert.True(EarlyStack.Allocate(10, 900, 1) == a);
        Assert.True(EarlyStack.Allocate(10, 900, 2) == b);
        Assert.True(EarlyStack.Allocate(10, 1000, 3) == a);
    }

    [Fact]
    public void AThousandCallsTakeNoMoreThanOne()
    {
        byte* first = EarlyStack.Allocate(4000, 700, 5);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(EarlyStack.Allocate(4000, 700, 5) == first);
        }

        EarlyStack.Allocate(1, 2000, 1);
    }
}
