using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>Memory that a program allocates and frees by hand, like kmalloc in Linux. The collector never frees it.</summary>
internal static unsafe class RawMemory
{
    /// <summary>Allocates at least <paramref name="bytes"/> bytes, 8-byte aligned and not zeroed.</summary>
    /// <param name="bytes">0 counts as 1.</param>
    /// <param name="site">Identifies the caller in the leak report; any number.</param>
    /// <returns>Null if there is still no memory after the low-memory event and a collection.</returns>
    internal static void* Allocate(uint bytes, uint site)
    {
        void* memory = KernelState.Memory->Raw.Allocate(bytes, site);
        return memory != null ? memory : Short(bytes, site);
    }

    /// <summary>Frees a block; null is allowed.</summary>
    internal static void Free(void* memory)
    {
        KernelState.Memory->Raw.Free(memory);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* Short(uint bytes, uint site) => Shortage.TryAllocate(&KernelState.Memory->Raw, bytes, site);
}
