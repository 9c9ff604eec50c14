namespace CosmosBootAlloc.Simulator.LinuxLogs;

/// <summary>What a line of a Linux log with memblock=debug reports.</summary>
public enum MemblockAction
{
    /// <summary>A memory region of the first dump; also memblock_add.</summary>
    Add,

    /// <summary>memblock_remove.</summary>
    Remove,

    /// <summary>A reservation of the first dump; also memblock_reserve.</summary>
    Reserve,

    /// <summary>memblock_free, memblock_phys_free.</summary>
    Free,

    /// <summary>memblock_phys_alloc_range: one attempt.</summary>
    AllocRange,

    /// <summary>memblock_alloc_try_nid and its kin, memblock_virt_alloc_try_nid before 5.0: tried again without the lower bound.</summary>
    AllocTry,

    /// <summary>A list was doubled.</summary>
    Doubled,
}

/// <summary>One operation that Linux reported.</summary>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Action">What was done.</param>
/// <param name="Name">Linux's name for it.</param>
/// <param name="Start">First byte of the range; of an allocation, the lowest byte that it may have.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Max">Of an allocation: first byte that it may not have; 0 for up to the limit.</param>
/// <param name="Align">Of an allocation: alignment in bytes. Of a doubled list: the entries it then has.</param>
/// <param name="Flags">Of a dumped region: its flags.</param>
public readonly record struct MemblockLine(
    int Number, MemblockAction Action, string Name, ulong Start, ulong Size, ulong Max = 0, ulong Align = 0, uint Flags = 0)
{
    /// <summary>It is an allocation.</summary>
    public bool IsAllocation => Action is MemblockAction.AllocRange or MemblockAction.AllocTry;
}
