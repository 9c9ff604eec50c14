namespace CosmosBootAlloc.Boot.State;

/// <summary>What the boot line prints about the distribution.</summary>
internal static class Distribution
{
    /// <summary>The version; must match Directory.Build.props (a test compares them).</summary>
    internal const string Version = "0.1.0";
}
