namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// The one way to physical memory. In a kernel the base is 0, so a physical address is a pointer; on the host the base
/// is a sparse arena, so the same code runs on any machine's map.
/// </summary>
/// <remarks>
/// Nothing here knows which addresses are RAM: the caller owns the bytes it names. In a 32-bit kernel only addresses
/// below 4 GiB can be reached; the stages never touch memory above it there.
/// </remarks>
public unsafe struct PhysicalMemory
{
    private byte* _base;

    /// <summary>Sets where physical address 0 is seen.</summary>
    /// <param name="baseOfMemory">Null in a kernel; the start of the arena on the host.</param>
    public void Init(byte* baseOfMemory)
    {
        _base = baseOfMemory;
    }

    /// <summary>The byte at a physical address.</summary>
    /// <param name="address">Physical address in bytes, inside what the base covers.</param>
    public byte* At(ulong address)
    {
        return _base + (nuint)address;
    }

    /// <summary>Zeroes [<paramref name="start"/>, <paramref name="start"/> + <paramref name="size"/>), in bytes.</summary>
    public void Clear(ulong start, ulong size)
    {
        Zeroing.Clear(At(start), (nuint)size);
    }
}
