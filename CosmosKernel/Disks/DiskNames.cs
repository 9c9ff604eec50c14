namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>The names of the places of ATA disks, as Linux named them in 2010.</summary>
internal static class DiskNames
{
    /// <summary>hda to hdd.</summary>
    internal static string Name(int place) => place == 0 ? "hda" : place == 1 ? "hdb" : place == 2 ? "hdc" : "hdd";

    /// <summary>Where the place is.</summary>
    internal static string Where(int place)
        => place == 0 ? "primary master" : place == 1 ? "primary slave" : place == 2 ? "secondary master" : "secondary slave";
}
