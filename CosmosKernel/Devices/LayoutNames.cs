namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>The names of the keyboard layouts, in the order in which each toolchain's <c>KeyLayouts</c> has them.</summary>
internal static class LayoutNames
{
    /// <summary>All of them, for messages.</summary>
    internal const string All = "us, uk, de, fr";

    /// <summary>One of them: the first is in use when the kernel starts.</summary>
    /// <returns>Null behind the last.</returns>
    internal static string Name(int index) => index == 0 ? "us" : index == 1 ? "uk" : index == 2 ? "de" : index == 3 ? "fr" : null;
}
