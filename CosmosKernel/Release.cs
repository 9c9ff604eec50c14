namespace CosmosBootAlloc.Kernel;

/// <summary>What the boot line says about the image.</summary>
internal static class Release
{
    /// <summary>Version of the distribution; the same as in Directory.Build.props (a test compares them).</summary>
    internal const string Version = "0.1.0";
}
