using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Allocation;

/// <summary>Memory that a program asks for and gives back itself: what kmalloc is in Linux. Nothing collects it.</summary>
internal static unsafe class RawMemory
{
    /// <summary>Memory of at least so many bytes, 8-byte aligned, its content undefined.</summary>
    /// <param name="bytes">0 counts as 1.</param>
    /// <param name="site">Who asks; any number, for the leak list.</param>
    /// <returns>Null when there is none, after the low-memory event and a collection.</returns>
    internal static void* Allocate(uint bytes, uint site)
    {
        void* memory = KernelState.Memory->Raw.Allocate(bytes, site);
        return memory != null ? memory : Short(bytes, site);
    }

    /// <summary>Gives it back; null is fine.</summary>
    internal static void Free(void* memory)
    {
        KernelState.Memory->Raw.Free(memory);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void* Short(uint bytes, uint site) => Shortage.TryAllocate(&KernelState.Memory->Raw, bytes, site);
}
