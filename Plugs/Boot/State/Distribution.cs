namespace CosmosBootAlloc.Boot.State;

/// <summary>What the boot line says about the image.</summary>
internal static class Distribution
{
    /// <summary>Version of the distribution; the same as in Directory.Build.props (a test compares them).</summary>
    internal const string Version = "0.1.0";
}
