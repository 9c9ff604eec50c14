using System.Numerics;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Physical;

/// <summary>The portable bit positions against the processor's.</summary>
public sealed class BitsTests
{
    [Fact]
    public void EveryPairOfBitsHasTheRightLowestAndHighest()
    {
        for (int low = 0; low < 64; low++)
        {
            for (int high = low; high < 64; high++)
            {
                ulong between = high - low > 1 ? 0x5a5a5a5a5a5a5a5aUL & ((1UL << high) - 1) & ~((2UL << low) - 1) : 0;
                ulong value = (1UL << low) | (1UL << high) | between;
                Assert.Equal((uint)low, Bits.LowestSet(value));
                Assert.Equal((uint)high, Bits.HighestSet(value));
                if (high < 32)
                {
                    Assert.Equal((uint)BitOperations.TrailingZeroCount((uint)value), Bits.LowestSet((uint)value));
                    Assert.Equal((uint)BitOperations.Log2((uint)value), Bits.HighestSet((uint)value));
                }
            }
        }
    }
}
