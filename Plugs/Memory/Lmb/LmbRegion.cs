namespace CosmosBootAlloc.Memory.Lmb;

/// <summary>One entry of an lmb table: [Base, Base + Size) in bytes. Sums wrap at 2^64, as in 2.6.34.</summary>
public struct LmbRegion
{
    /// <summary>First byte.</summary>
    public ulong Base;

    /// <summary>Bytes; 0 in the one entry of a fresh table, and in entries that were added empty.</summary>
    public ulong Size;

    /// <summary>First byte after the region.</summary>
    public readonly ulong End => Base + Size;
}
