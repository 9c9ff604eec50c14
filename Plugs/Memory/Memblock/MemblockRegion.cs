namespace CosmosBootAlloc.Memory.Memblock;

/// <summary>One entry of a memblock table: [Base, Base + Size) in bytes and its flags.</summary>
/// <remarks>
/// 24 bytes on every target, as on 64-bit Linux: a doubled table of 256 entries takes 6 KiB, so two pages. The size
/// decides where a moved table lies, so it is part of the behavior.
/// </remarks>
public struct MemblockRegion
{
    /// <summary>Bytes a region takes in a table; asserted by the tests.</summary>
    public const ulong Bytes = 24;

    /// <summary>First byte.</summary>
    public ulong Base;

    /// <summary>Bytes; never 0 in a table, and Base + Size never exceeds 2^64-1.</summary>
    public ulong Size;

    /// <summary>A sum of <see cref="MemblockFlags"/>.</summary>
    public uint Flags;

    /// <summary>
    /// Where Linux keeps the node. There is one node here, so the list keeps in these bits what it knows of its blocks; they do not belong
    /// to the region beside them, and stay when regions move (<see cref="MemblockTable"/>).
    /// </summary>
    internal uint Note;

    /// <summary>First byte after the region.</summary>
    public readonly ulong End => Base + Size;
}

/// <summary>What a region can be marked with; the numbers are Linux's and appear in listings. memblock 6.12.</summary>
public static class MemblockFlags
{
    /// <summary>Plain.</summary>
    public const uint None = 0;

    /// <summary>Memory that may be unplugged: left alone while <see cref="MemblockAllocator.SetMovableNode"/> is on.</summary>
    public const uint Hotplug = 1;

    /// <summary>Mirrored memory: preferred once there is any.</summary>
    public const uint Mirror = 2;

    /// <summary>Memory the kernel does not map: never free.</summary>
    public const uint Nomap = 4;

    /// <summary>Reserved memory whose page descriptors are not initialized.</summary>
    public const uint Noinit = 0x10;
}
