namespace CosmosBootAlloc.Memory.EarlyRes;

/// <summary>
/// One slot of the early reservation table: 32 bytes, because the size of a moved table shows in the log and in what it reserves.
/// </summary>
/// <remarks>
/// <code>
///     byte  0          8         16                    30  31
///           | Start    | End     | Name, 14 bytes      | Link |
///     Link  bit 15     the reservation may be overlapped
///           bits 0..14 order: the number of the slot that is in this place when slots are sorted by address
/// </code>
/// The order bits are unrelated to the reservation beside them: slot k holds the k-th element of the order. They stay in place when
/// reservations move between slots.
/// </remarks>
internal unsafe struct EarlyResSlot
{
    /// <summary>Bytes per slot (2.6.34: two 64-bit addresses, 15 bytes of name, one flag).</summary>
    public const int SizeInBytes = 32;

    /// <summary>Bytes of a name that are kept.</summary>
    public const int NameBytes = 14;

    /// <summary>In <see cref="Link"/>: the reservation may be overlapped.</summary>
    public const int OkFlag = 0x8000;

    /// <summary>In <see cref="Link"/>: the order.</summary>
    public const int OrderMask = 0x7fff;

    /// <summary>First byte.</summary>
    public ulong Start;

    /// <summary>First byte after.</summary>
    public ulong End;

    /// <summary>Padded with NULs, not terminated if all are used.</summary>
    public fixed byte Name[NameBytes];

    /// <summary>See above.</summary>
    public ushort Link;
}
