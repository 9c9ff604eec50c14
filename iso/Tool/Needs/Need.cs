namespace CosmosBootAlloc.Tool.Needs;

/// <summary>A program or file that a job needs on the host.</summary>
/// <param name="What">The program's name on the PATH, or an absolute file name.</param>
/// <param name="Package">The Debian package, or packages separated by spaces, that installs it.</param>
/// <param name="VersionOption">Makes the program print its version; null for files.</param>
public sealed record Need(string What, string Package, string? VersionOption = "--version");
