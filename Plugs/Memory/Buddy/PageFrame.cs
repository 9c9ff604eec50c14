namespace CosmosBootAlloc.Memory.Buddy;

/// <summary>
/// What the page allocator keeps for one page of memory: 64 bits in a table indexed by pfn, and nothing in the page
/// itself, so that a free page is never read or written.
/// </summary>
/// <remarks>
/// The bit layout. A link is a pfn of 28 bits, which reaches 1 TiB; <see cref="NoLink"/> ends a list.
/// <code>
///            31..28            27..0
/// Forward    order + 1 (1..11) next block of the free list     head of a free block
///            12                order                           head of an allocated block
///            13                next block of the free list     head of one of several free blocks of a fresh section; its order is the
///                                                              next frame's Forward, or 0 if that is a head or a hole
///            14                next block of the free list     head of a free block that is a fresh section
///            15                pages, 0 for all                first of so many reserved pages of a fresh section
///            0                 0                               anything else: inside a block, or reserved
/// Back       0                 previous block of the free list head of a free block that is not first of its list
///                              stale                           everything else
/// </code>
/// Only the head of a block says anything; the other frames of the block have a Forward of 0. A frame whose Forward is 0 and that lies
/// in no block is reserved: it was never handed over. A fresh section is 1,024 frames of which only the first of each block and of each
/// hole was ever written (Zone.Sections.cs); the others hold whatever was in memory. Walking the table from the start of a zone and
/// stepping over whole blocks therefore tells every page's state. Two 32-bit halves rather than one 64-bit number because the kernel is
/// 32-bit code: an allocation only touches Forward, a free block's order and its next link come with one load, and "is this the allocated
/// block of that order" is one comparison.
/// </remarks>
public struct PageFrame
{
    /// <summary>Bytes a frame, and so of metadata a page of memory.</summary>
    public const uint Size = 8;

    /// <summary>log2 of <see cref="Size"/>.</summary>
    public const int SizeShift = 3;

    /// <summary>The bits of a link.</summary>
    public const uint LinkMask = (1u << TagShift) - 1;

    /// <summary>The link that ends a list; no page has this pfn.</summary>
    public const uint NoLink = LinkMask;

    /// <summary>Where the tag of <see cref="Forward"/> starts.</summary>
    public const int TagShift = 28;

    /// <summary>Added to a tag: the tag of the next order.</summary>
    public const uint TagStep = 1u << TagShift;

    /// <summary>Tag of the head of an allocated block; its order is in the low bits.</summary>
    public const uint AllocatedTag = 12u << TagShift;

    /// <summary>From here on: frames of a fresh section, its first one and each head of a block or of a hole.</summary>
    public const uint FreshTag = SparseFreeTag;

    /// <summary>Tag of the head of a free block that is one of several in a fresh section.</summary>
    public const uint SparseFreeTag = 13u << TagShift;

    /// <summary>Tag of the head of a free block of the largest order that is a fresh section.</summary>
    public const uint FreshFreeTag = 14u << TagShift;

    /// <summary>
    /// Tag of the first of the reserved pages in a row of a fresh section; how many is in the low bits, 0 for all 1,024.
    /// </summary>
    public const uint FreshReservedTag = 15u << TagShift;

    /// <summary>Tag and next link; see the layout above.</summary>
    public uint Forward;

    /// <summary>Previous link in a free list, not meaningful at its head.</summary>
    public uint Back;
}

/// <summary>What a walk over the page frames finds at a pfn.</summary>
public enum PageState
{
    /// <summary>One page that was never handed over: a hole, or owned since boot.</summary>
    Reserved = 0,

    /// <summary>The first page of a free block.</summary>
    Free = 1,

    /// <summary>The first page of an allocated block.</summary>
    Allocated = 2,
}
