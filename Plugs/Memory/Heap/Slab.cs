namespace CosmosBootAlloc.Memory;

/// <summary>
/// The head of a slab: a block of pages cut into objects of one class. The objects follow it; a free object that was used before
/// holds the offset of the next one, those never used yet lie behind <see cref="Fresh"/> and are not touched.
/// </summary>
public struct Slab
{
    /// <summary>Bytes of the head; the first object follows. Asserted by a test: objects must stay 8-byte aligned.</summary>
    public const uint HeadBytes = 32;

    /// <summary>Marks a slab's head, so that a wild pointer is told from an object.</summary>
    public const uint ExpectedMark = 0x51ab51ab;

    /// <summary><see cref="ExpectedMark"/>.</summary>
    public uint Mark;

    /// <summary>Class of its objects.</summary>
    public uint Class;

    /// <summary>Objects handed out and not given back.</summary>
    public uint Used;

    /// <summary>Objects it can hold.</summary>
    public uint Capacity;

    /// <summary>Offset in bytes from the slab's start of the first free object that was used before; 0 for none.</summary>
    public uint FirstFree;

    /// <summary>Offset of the first object never used yet; at the slab's usable end when there is none.</summary>
    public uint Fresh;

    /// <summary>Pfn of the next slab with room of this class, or <see cref="Buddy.None"/>.</summary>
    public uint NextPartial;

    /// <summary>Pfn of the one before.</summary>
    public uint PreviousPartial;
}
