namespace CosmosBootAlloc.Boot.Cosmos;

/// <summary>The compiler that built this image.</summary>
internal static class Toolchain
{
    /// <summary>Its name in the boot line and on the tool's command line.</summary>
    internal const string Name = "cosmos";
}
