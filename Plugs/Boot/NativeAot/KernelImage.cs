using System.Runtime;
using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Boot.NativeAot;

/// <summary>The running image's bounds in bytes, from the linker: code, then constants and data, then zeroed data.</summary>
internal static class KernelImage
{
    /// <summary>Start of code, physical.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_text_start")]
    internal static extern uint TextStart();

    /// <summary>End of code, exclusive.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_text_end")]
    internal static extern uint TextEnd();

    /// <summary>End of the image in memory, exclusive.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_image_end")]
    internal static extern uint End();

    /// <summary>1 while the word at the far end of the stack still is what boot.asm put there.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_stack_intact")]
    internal static extern uint StackIntact();
}
