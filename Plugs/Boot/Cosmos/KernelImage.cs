using Cosmos.Core;

namespace CosmosBootAlloc.Boot.Cosmos;

/// <summary>
/// The running image's bounds, from IL2CPU's labels. The image is one section: multiboot header, stack, data, then code. So the code comes
/// last, and no zeroed data follows it.
/// </summary>
internal static unsafe class KernelImage
{
    private const uint StackBytes = 0x50000;
    private const uint StackMark = 0x57ac57ac;

    /// <summary>Start of the image, physical.</summary>
    internal static uint TextStart() => Instructions.ImageStart();

    /// <summary>The start plus the length of the code: the chain reports the sizes of code and data and claims the whole image.</summary>
    internal static uint TextEnd() => TextStart() + (End() - Instructions.CodeStart());

    /// <summary>End of the image in memory, exclusive.</summary>
    internal static uint End() => CPU.GetEndOfKernel();

    /// <summary>End of the stack, exclusive; it grows down from here.</summary>
    internal static uint StackTop() => CPU.GetStackStart();

    /// <summary>True for an address in the code.</summary>
    internal static bool IsCode(uint address) => address >= Instructions.CodeStart() && address < End();

    /// <summary>Marks the far end of the stack. Call it before anything runs deep.</summary>
    internal static void MarkStack()
    {
        *(uint*)(CPU.GetStackStart() - StackBytes) = StackMark;
    }

    /// <summary>1 while the word at the far end of the stack still is the mark.</summary>
    internal static uint StackIntact() => *(uint*)(CPU.GetStackStart() - StackBytes) == StackMark ? 1u : 0u;
}
