namespace CosmosBootAlloc.Memory.Heap;

/// <summary>What <see cref="SizeClass"/> computes, and what comes of it, for each class: once for all heaps.</summary>
internal unsafe struct ClassTable
{
    /// <summary>Bytes of a class's objects.</summary>
    internal fixed uint Bytes[(int)SizeClass.Count];

    /// <summary>
    /// 2^32 / bytes of each class, rounded down, plus 1. Times the offset of object i it is i times a number of at most the bytes, for
    /// 32 bits wrap around; times any other offset of a slab it is at least the reciprocal itself. So one product says whether an offset is
    /// the start of an object that was handed out (<see cref="Slab.Limit"/>), without a division. A test tries every offset. Each slab has
    /// a copy.
    /// </summary>
    internal fixed uint Reciprocal[(int)SizeClass.Count];

    /// <summary>Order of a class's slabs.</summary>
    internal fixed byte Order[(int)SizeClass.Count];

    /// <summary>Fills the table.</summary>
    internal void Init()
    {
        for (uint i = 0; i < SizeClass.Count; i++)
        {
            uint bytes = SizeClass.Bytes(i);
            Bytes[i] = bytes;
            Order[i] = (byte)SizeClass.OrderFor(bytes);
            Reciprocal[i] = ((0u - bytes) / bytes) + 2;
        }
    }
}
