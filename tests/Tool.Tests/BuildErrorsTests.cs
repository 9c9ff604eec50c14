using CosmosBootAlloc.Tool.Build;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>What is shown of the output of a build that failed.</summary>
public sealed class BuildErrorsTests
{
    // Expect each error of the compiler once, with its place in the tree, however many variants met it; no warning and no sum of errors.
    [Fact]
    public void AnErrorOfTheCompilerIsShownWithItsPlaceOnce()
    {
        const string Output = """
              Determining projects to restore...
            /my tree/Plugs/Memory/Buddy/BuddyZone.cs(40,9): error CS1002: ; expected [/my tree/CosmosKernel/A.csproj]
            /my tree/Plugs/Memory/Buddy/BuddyZone.cs(7,1): warning CS0219: 'error' is never used [/my tree/CosmosKernel/A.csproj]
            /my tree/Plugs/Memory/Buddy/BuddyZone.cs(40,9): error CS1002: ; expected [/my tree/CosmosKernel/A.csproj]
            /my tree/Configs/Lmb.cs(3,1): error CS0246: The type 'A[]' could not be found [/my tree/A.csproj::TargetFramework=net10.0]
            ld: error: no such file
            Build FAILED.
                2 Error(s)
            """;

        Assert.Equal(
            """
            Plugs/Memory/Buddy/BuddyZone.cs:40:9: error CS1002: ; expected
            Configs/Lmb.cs:3:1: error CS0246: The type 'A[]' could not be found
            ld: error: no such file
            """,
            KernelSources.Errors("/my tree", Output));
    }
}
