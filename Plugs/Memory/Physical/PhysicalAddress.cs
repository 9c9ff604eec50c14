namespace CosmosBootAlloc.Memory.Physical;

/// <summary>What every boot allocator means by an address. Addresses are in bytes.</summary>
/// <remarks>
/// One convention of results holds for all of them: what finds or takes memory returns its address or <see cref="None"/>; what changes a
/// table returns true when the change was made. A trace writes results as the kernel that recorded it does; only the replay knows that.
/// </remarks>
public static class PhysicalAddress
{
    /// <summary>No address: nothing fits. Linux has 0 for this in lmb and memblock, -1 in early_res, NULL in bootmem.</summary>
    public const ulong None = ulong.MaxValue;
}
