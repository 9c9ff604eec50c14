namespace CosmosBootAlloc.Boot.Cosmos;

/// <summary>Which compiler made this image.</summary>
internal static class Toolchain
{
    /// <summary>As in the boot line and on the command line of the tool.</summary>
    internal const string Name = "cosmos";
}
