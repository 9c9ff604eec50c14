namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What the hot paths of a heap read; see <see cref="SlabHeap.Expose"/>.</summary>
public unsafe struct HotParts
{
    /// <summary>Descriptor address of each class's current slab.</summary>
    public uint* Current;

    /// <summary>Class of a size: index (bytes - 1) / 8.</summary>
    public byte* ClassOf;

    /// <summary>Leaf address of each 4 MiB, or 0; see <see cref="SlabMap"/>.</summary>
    public uint* Leaf;
}
