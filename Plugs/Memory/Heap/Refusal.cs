namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// Why a heap has no memory for an object: it needs more pages in a row than there are among those that it may use. All figures in
/// pages. The free pages are those it may use and the three kinds that are withheld from it.
/// </summary>
public struct Refusal
{
    /// <summary>
    /// Pages in a row that the object needs; 1 for a small one, which the smallest slab holds. When there is such a row and
    /// nearly nothing else, the heap's map needed a page besides (<see cref="SlabMap"/>), and this is one more than there are.
    /// </summary>
    public uint Needed;

    /// <summary>The most pages in a row of those that it may use.</summary>
    public uint Found;

    /// <summary>Free pages that it may use.</summary>
    public uint Usable;

    /// <summary>All free pages.</summary>
    public uint Free;

    /// <summary>Free pages that it could use but for the floor (<see cref="SlabHeap.SetFloor"/>).</summary>
    public uint Reserved;

    /// <summary>Free pages below the lowest that this heap takes.</summary>
    public uint Low;

    /// <summary>Further free pages of the DMA zone, while it is spared.</summary>
    public uint SparedDma;

    /// <summary>Free pages that are withheld, of all three kinds.</summary>
    public uint Withheld => Reserved + Low + SparedDma;
}
