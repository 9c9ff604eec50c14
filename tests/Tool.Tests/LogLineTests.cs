using CosmosBootAlloc.Tool.Logs;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Time stamps, line ends and noise.</summary>
public sealed class LogLineTests
{
    [Theory]
    [InlineData("[    0.000981] Zone PFN ranges:", 981UL, "Zone PFN ranges:")]
    [InlineData("[    0.092920]   DMA      0x0", 92920UL, "  DMA      0x0")]
    [InlineData("[12345.000001] late", 12345000001UL, "late")]
    [InlineData("[    1.500000] with a carriage return\r", 1500000UL, "with a carriage return")]
    [InlineData("[    0.000000]", 0UL, "")]
    [InlineData("\u001b[2J\u001b[1;1HSeaBIOS left this[    0.000002] first line", 2UL, "first line")]
    public void AStampIsTakenOff(string raw, ulong microseconds, string text)
    {
        LogLine line = LogLine.Parse(7, raw);

        Assert.Equal(microseconds, line.Microseconds);
        Assert.Equal(text, line.Text);
        Assert.Equal(7, line.Number);
    }

    [Theory]
    [InlineData("no stamp", "no stamp")]
    [InlineData("[    0.0001] too short", "[    0.0001] too short")]
    [InlineData("[99999999999999999999.000000] too large", "[99999999999999999999.000000] too large")]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("nul\0 and bell\a", "nul and bell")]
    [InlineData("", "")]
    public void WithoutAStampAllIsText(string raw, string text)
    {
        LogLine line = LogLine.Parse(1, raw);

        Assert.Null(line.Microseconds);
        Assert.Equal(text, line.Text);
    }
}
