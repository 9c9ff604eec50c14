namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// What the heap knows of one slab (pages cut into objects of one class), or of one large object (pages of its own). It lies
/// off the slab, so that 64 objects of 64 bytes are exactly a page; 40 bytes for at least a page are 1 % at most.
/// </summary>
/// <remarks>
/// The free list is in the objects, and so is its count: a free object's first word says how many free ones follow it and where
/// the next is, and <see cref="Free"/> is such a word for the first. Taking an object moves the word from the object to the slab,
/// giving it back moves it the other way: no counter is kept beside it.
/// <code>
///   bit   31   30..26      25..16              15..0
///         0    1 1 1 1 1   objects in the list offset of the first + 8, a multiple of 8; 0: the list is empty
/// </code>
/// Bit 30 (<see cref="FreeTag"/>) tells a free object from a live one where an object's first word is a type (below 1 GiB). Where it
/// may be anything, all five bits (<see cref="FreeMark"/>) say that it is worth a look whether the object is in the list. The low bits
/// stay 0, so a collector may mark live objects there. Objects from <see cref="Carved"/> on were never used and are not touched.
/// Addresses are physical and below 4 GiB; so are links, 0 for none.
/// </remarks>
public struct Slab
{
    /// <summary>Bytes of a descriptor; a test asserts it.</summary>
    public const uint Bytes = 40;

    /// <summary>Set in a free object's first word, and clear in a type.</summary>
    public const uint FreeTag = 0x40000000;

    /// <summary>All set in a free object's first word, where bit 31 is not: as signed numbers, such words are the largest.</summary>
    public const uint FreeMark = 0x7c000000;

    /// <summary>The word of an empty list.</summary>
    public const uint NoneFree = FreeMark;

    /// <summary>The offset in a word of the list.</summary>
    public const uint OffsetMask = 0xffff;

    /// <summary>One object more in the list.</summary>
    public const uint CountStep = 0x10000;

    /// <summary>Where the count starts.</summary>
    public const int CountShift = 16;

    /// <summary>Added to an offset in the list, so that 0 means none.</summary>
    public const uint OffsetBias = 8;

    /// <summary><see cref="Edge"/> of the current slab: it stays when it empties.</summary>
    public const uint NoEdge = 0xffffffff;

    /// <summary>First word of the free list, as above.</summary>
    public uint Free;

    /// <summary>
    /// A list word at or above this needs a look: of a partial slab, every carved object is free; of a full one (0), any.
    /// <see cref="NoEdge"/>: never.
    /// </summary>
    public uint Edge;

    /// <summary>Address of the first object.</summary>
    public uint Start;

    /// <summary>2^32 / bytes of its objects; see <see cref="ClassTable.Reciprocal"/>.</summary>
    public uint Reciprocal;

    /// <summary>
    /// An offset times <see cref="Reciprocal"/> is below this for the starts of the first <see cref="Carved"/> objects, and for no
    /// other offset. 0 where the hot paths have nothing to do: large objects, checked mode, the sentinel.
    /// </summary>
    public uint Limit;

    /// <summary>Pages it is made of.</summary>
    public uint Pages;

    /// <summary>Next slab of the list it is in.</summary>
    public uint Next;

    /// <summary>Previous one; 0 for the first.</summary>
    public uint Previous;

    /// <summary>Objects that were ever handed out: the first so many of the slab.</summary>
    public ushort Carved;

    /// <summary>Objects it can hold.</summary>
    public ushort Capacity;

    /// <summary>Class of its objects; <see cref="SizeClass.Count"/> for a large object.</summary>
    public byte Class;

    /// <summary>One of <see cref="SlabState"/>.</summary>
    public byte State;

    /// <summary>Number of the heap it belongs to.</summary>
    public byte Heap;

    /// <summary>Objects in the free list.</summary>
    public uint FreeCount => (Free & ~FreeMark) >> CountShift;

    /// <summary>Objects handed out now.</summary>
    public uint Used => Carved - FreeCount;
}

/// <summary>What a descriptor stands for.</summary>
public static class SlabState
{
    /// <summary>Nothing: it can be taken.</summary>
    public const byte Unused = 0;

    /// <summary>The slab that its class allocates from; in no list, and kept when it empties.</summary>
    public const byte Current = 1;

    /// <summary>Has room; in its class's list.</summary>
    public const byte Partial = 2;

    /// <summary>Has no room; in no list.</summary>
    public const byte Full = 3;

    /// <summary>A large object.</summary>
    public const byte Large = 4;

    /// <summary>The slab without objects that stands in where a class has no current one.</summary>
    public const byte Sentinel = 5;
}
