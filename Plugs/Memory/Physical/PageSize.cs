using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Memory.Physical;

/// <summary>The x86 page: 4 KiB. A pfn (page frame number) is an address divided by it.</summary>
public static class PageSize
{
    /// <summary>log2 of the page size.</summary>
    public const int Shift = 12;

    /// <summary>Bytes per page.</summary>
    public const ulong Bytes = 1UL << Shift;

    /// <summary>Low bits of an address inside its page.</summary>
    public const ulong OffsetMask = Bytes - 1;

    /// <summary>First pfn at or above an address in bytes; exact up to 2^64-1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PfnUp(ulong address)
    {
        return (address >> Shift) + ((address & OffsetMask) != 0 ? 1UL : 0UL);
    }

    /// <summary>The least number of bytes in whole pages that holds <paramref name="bytes"/>; 0 when that is 2^64.</summary>
    public static ulong WholePages(ulong bytes)
    {
        return Bits.RoundUp(bytes, Bytes);
    }

    /// <summary>The pfn of the page that holds an address in bytes.</summary>
    public static ulong PfnDown(ulong address)
    {
        return address >> Shift;
    }
}
