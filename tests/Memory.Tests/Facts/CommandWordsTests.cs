using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Memory.Facts;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Facts;

/// <summary>How a command line falls into words, and what a long one loses.</summary>
public sealed unsafe class CommandWordsTests
{
    private const int Kept = MachineFacts.CommandLineCapacity - 1;

    // What Linux's parameter parser does, seen in parameters of a running kernel: quotes keep white space together; those around a word or
    // around its value go.
    [Theory]
    [InlineData("a b", "a|b")]
    [InlineData("  a\tb\nc\rd  ", "a|b|c|d")]
    [InlineData("\"a b\" c", "a b|c")]
    [InlineData("mem=\"64M\"", "mem=64M")]
    [InlineData("\"mem=64M\"", "mem=64M")]
    [InlineData("x=\"a b\" y", "x=a b|y")]
    [InlineData("x=a\"b c\"d", "x=a\"b c\"d")]
    [InlineData("dyndbg=\"file a.c +p; file b.c +p\" quiet", "dyndbg=file a.c +p; file b.c +p|quiet")]
    [InlineData("\"\" a", "a")]
    [InlineData("x=\"\"", "x=")]
    [InlineData("\"never closed", "never closed")]
    [InlineData("", "")]
    public void WordsAreFound(string text, string expected) => Assert.Equal(expected, string.Join('|', Words(text)));

    // Expect the words that are kept to be the first words of the whole line, whatever its length; one more would not have fitted.
    [Fact]
    public void ALongLineIsCutBetweenWords()
        => Gen.Select(Gen.Char["abc=$\" \t"].Array[1, 40], Gen.Int[4000, 9000])
            .Sample(
                (piece, length) =>
                {
                    string text = string.Concat(Enumerable.Repeat(new string(piece), (length / piece.Length) + 1))[..length];
                    MachineFacts facts = Facts(text);
                    string kept = Text(facts.CommandLine());
                    List<string> all = Words(text);
                    List<string> words = Words(kept);
                    Assert.Equal(all.Take(words.Count), words);
                    Assert.StartsWith(kept, text, StringComparison.Ordinal);
                    if (length <= Kept)
                    {
                        Assert.Equal((text, 0, ""), (kept, facts.CommandLineLeftOut, Text(facts.LeftOut())));
                        return;
                    }

                    Assert.Equal(text.Length - facts.CommandLineLeftOut, kept.Length + Blanks(text, kept.Length));
                    Assert.StartsWith(Text(facts.LeftOut()), text[^facts.CommandLineLeftOut..], StringComparison.Ordinal);
                });

    // Case 21: at 1,023 bytes mem=100M became mem=100, and memmap=4K$... a limit of 4 KB.
    [Fact]
    public void AStumpIsNoOption()
    {
        string words = string.Join(' ', Enumerable.Range(0, 300).Select(i => $"memmap=4K${i + 65536}"));
        string kept = "selftest " + words[..words.LastIndexOf(' ', Kept - 9)];
        MachineFacts facts = Facts(kept + "  mem=100M poweroff");
        Assert.Equal(kept, Text(facts.CommandLine()));
        Assert.Equal((17, "mem=100M poweroff"), (facts.CommandLineLeftOut, Text(facts.LeftOut())));
    }

    [Fact]
    public void AWordThatIsLongerThanAllTheRoomIsLeftOut()
    {
        MachineFacts facts = Facts(new string('x', 5000) + " quiet");
        Assert.Equal(("", 5006), (Text(facts.CommandLine()), facts.CommandLineLeftOut));
        Assert.Equal(new string('x', MachineFacts.LeftOutCapacity - 1), Text(facts.LeftOut()));
    }

    private static int Blanks(string text, int from) => text.Skip(from).TakeWhile(c => c is ' ' or '\t').Count();

    private static MachineFacts Facts(string text)
    {
        MachineFacts facts = default;
        fixed (byte* bytes = Encoding.Latin1.GetBytes(text + "\0"))
        {
            facts.SetCommandLine(bytes);
        }

        return facts;
    }

    private static List<string> Words(string text)
    {
        byte[] words = new byte[text.Length + 2];
        fixed (byte* from = Encoding.Latin1.GetBytes(text + "\0"), to = words)
        {
            int used = CommandWords.Split(from, to);
            return [.. Encoding.Latin1.GetString(words, 0, used).Split('\0', StringSplitOptions.RemoveEmptyEntries)];
        }
    }

    private static string Text(byte* text) => new((sbyte*)text);
}
