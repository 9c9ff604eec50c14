using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Lines for programs: <c>bootalloc: KIND key=value ...</c>.</summary>
public sealed class FactTests
{
    [Fact]
    public void FieldsAreReadInTheirOrder()
    {
        Fact fact = Parse("bootalloc: stage name=buddy managed_pages=32639 free_pages=32000 ticks=77")!;

        Assert.Equal("stage", fact.Kind);
        Assert.Equal(["name", "managed_pages", "free_pages", "ticks"], [.. System.Linq.Enumerable.Select(fact.Fields, f => f.Key)]);
        Assert.Equal("buddy", fact["name"]);
        Assert.Equal(32639UL, fact.Number("managed_pages"));
        Assert.Null(fact["no_such_field"]);
        Assert.Null(fact.Number("name"));
    }

    [Theory]
    [InlineData("bootalloc: boot cmdline=\"mem=64M selftest\" version=1", "mem=64M selftest")]
    [InlineData("bootalloc: boot cmdline=\"\" version=1", "")]
    [InlineData("bootalloc: boot cmdline=\"a \\\"quoted\\\" word\" version=1", "a \"quoted\" word")]
    [InlineData("bootalloc: boot cmdline=\"back\\\\slash\" version=1", "back\\slash")]
    [InlineData("bootalloc: boot cmdline=\"cut off here", "cut off here")]
    [InlineData("bootalloc: boot cmdline=\"ends in a backslash\\", "ends in a backslash\\")]
    [InlineData("bootalloc: boot cmdline=", "")]
    [InlineData("bootalloc: boot cmdline==", "=")]
    public void QuotedValuesHoldSpacesAndCutOnesReachToTheEnd(string line, string expected)
        => Assert.Equal(expected, Parse(line)!["cmdline"]);

    [Theory]
    [InlineData("")]
    [InlineData("bootalloc:")]
    [InlineData("bootalloc: ")]
    [InlineData("bootalloc:stage name=x")]
    [InlineData("bootalloc> stage name=x")]
    [InlineData("bootalloc: this CPU is too old: it lacks CMOV")]
    [InlineData("bootalloc: stage nam")]
    [InlineData(" bootalloc: stage name=x")]
    public void AnythingElseIsNotAFact(string line) => Assert.Null(Parse(line));

    [Theory]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("18446744073709551616", null)]
    [InlineData("-1", null)]
    [InlineData("0x10", null)]
    [InlineData("", null)]
    public void NumbersAreDecimalAndUpTo64Bits(string text, ulong? expected)
        => Assert.Equal(expected, Parse($"bootalloc: stage n={text}")!.Number("n"));

    // Logs of versions that called the zone Normal compare with those of today.
    [Fact]
    public void TheZoneAbove16MiBHasOneName()
    {
        Assert.Equal("28576", Parse("bootalloc: stage name=buddy normal_free_pages=28576 span_pages=32736")!["dma32_free_pages"]);
        Assert.Equal("dma32", Parse("bootalloc: blocks zone=normal pages=28576 order0=0")!["zone"]);
        Assert.Equal("normal", Parse("bootalloc: account name=normal pages=1")!["name"]);
    }

    private static Fact? Parse(string text) => Fact.Parse(new LogLine(1, null, text));
}
