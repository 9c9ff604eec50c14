namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// The only way to reach physical memory. In a kernel the base is 0, so a physical address is a pointer; on the host the base is a sparse
/// arena, so the same code runs on the map of any machine.
/// </summary>
/// <remarks>
/// Nothing here knows which addresses are RAM: the caller owns the bytes it names. A 32-bit kernel reaches only addresses below 4 GiB; its
/// stages never touch memory above that.
/// </remarks>
public unsafe struct PhysicalMemory
{
    private MemoryBase _base;

    /// <summary>Sets where physical address 0 is mapped.</summary>
    /// <param name="baseOfMemory">Null in a kernel; the start of the arena on the host.</param>
    public void Init(byte* baseOfMemory)
    {
        _base.Start = baseOfMemory;
    }

    /// <summary>The byte at a physical address.</summary>
    /// <param name="address">Physical address in bytes, inside what the base covers.</param>
    public byte* At(ulong address)
    {
        return _base.Start + (nuint)address;
    }

    /// <summary>Zeroes [<paramref name="start"/>, <paramref name="start"/> + <paramref name="size"/>), in bytes.</summary>
    public void Clear(ulong start, ulong size)
    {
        Zeroing.Clear(At(start), (nuint)size);
    }
}
