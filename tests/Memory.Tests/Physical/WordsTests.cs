using System;
using System.Linq;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Physical;

/// <summary>Rows of words: what is set, and how far equal ones reach.</summary>
public sealed unsafe class WordsTests
{
    [Fact]
    public void ExactlyTheWordsAskedForAreSet()
    {
        uint* words = stackalloc uint[40];
        for (int start = 0; start < 4; start++)
        {
            for (int count = 0; count <= 32; count++)
            {
                Span<uint> all = new(words, 40);
                all.Fill(7);
                Words.Set(words + start, (uint)count, 0xdeadbeef);
                Assert.Equal(-1, all[..start].IndexOfAnyExcept(7u));
                Assert.Equal(-1, all.Slice(start, count).IndexOfAnyExcept(0xdeadbeef));
                Assert.Equal(-1, all[(start + count)..].IndexOfAnyExcept(7u));
            }
        }
    }

    [Fact]
    public void EqualWordsAreCountedUpToTheFirstOtherOneOrTheEnd()
    {
        // |0|0|0|1|0|
        uint* words = stackalloc uint[] { 0, 0, 0, 1, 0 };
        Assert.Equal([0u, 1u, 2u, 3u, 3u, 3u], Enumerable.Range(0, 6).Select(count => Words.CountEqual(words, (uint)count, 0)).ToArray());
        Assert.Equal(0u, Words.CountEqual(words, 5, 1));
        Assert.Equal(1u, Words.CountEqual(words + 3, 2, 1));
    }

    [Fact]
    public void LongRunsAreCountedToTheWord()
    {
        uint* words = stackalloc uint[40];
        for (int other = 0; other < 40; other++)
        {
            new Span<uint>(words, 40).Fill(7);
            words[other] = 8;
            for (int count = 0; count <= 40; count++)
            {
                Assert.Equal((uint)Math.Min(count, other), Words.CountEqual(words, (uint)count, 7));
            }
        }
    }

    [Fact]
    public void EveryFourthWordIsLookedAtAndNoOther()
    {
        const uint Groups = 11;
        uint* words = stackalloc uint[4 * (int)Groups];
        for (uint at = 0; at < 4 * Groups; at++)
        {
            new Span<uint>(words, 4 * (int)Groups).Clear();
            words[at] = 7;
            for (uint count = 0; count <= Groups; count++)
            {
                uint expected = at % 4 == 0 && at / 4 < count ? at / 4 : count;
                Assert.Equal(expected, Words.FindEveryFourth(words, count, 7));
            }
        }
    }
}
