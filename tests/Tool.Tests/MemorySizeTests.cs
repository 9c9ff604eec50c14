using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Emulators;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary><c>--memory</c>.</summary>
public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("64", 64UL << 20)]
    [InlineData("64M", 64UL << 20)]
    [InlineData("64m", 64UL << 20)]
    [InlineData("65536K", 64UL << 20)]
    [InlineData("8G", 8UL << 30)]
    [InlineData("1024G", 1024UL << 30)]
    public void SizesInAnyUnit(string text, ulong bytes) => Assert.Equal(bytes, MemorySize.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("0")]
    [InlineData("-1M")]
    [InlineData("1.5G")]
    [InlineData("64MB")]
    [InlineData("64 M")]
    [InlineData("1000K")]
    [InlineData("1025G")]
    [InlineData("99999999999999999999")]
    [InlineData("0x40M")]
    public void AnythingElseIsRefused(string text) => Assert.Throws<BadInputException>(() => MemorySize.Parse(text));
}
