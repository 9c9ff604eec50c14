using System.Runtime.InteropServices;

namespace CosmosBootAlloc.Tool.Needs;

/// <summary>Where Debian's packages put their files.</summary>
public static class DebianFolder
{
    /// <summary>The libraries and plug-ins of this machine's architecture.</summary>
    public static string Libraries { get; } =
        $"/usr/lib/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu";
}
