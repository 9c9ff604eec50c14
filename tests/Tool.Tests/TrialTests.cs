using Xunit;
namespace CosmosBootAlloc.Tool.Tests;
public sealed class TrialTests
{
    [Fact] public void A() { }
    [Fact] public void B() => Assert.Skip("no tool");
    [Theory] [InlineData(1)] [InlineData(2)] public void C(int x) => Assert.Equal(1, x);
}
