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

    /// <summary>End of the stack, exclusive; it grows down from here.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_stack_top")]
    internal static extern uint StackTop();

    /// <summary>True for an address in the code.</summary>
    internal static bool IsCode(uint address) => address >= TextStart() && address < TextEnd();

    /// <summary>1 while the word at the far end of the stack still is what boot.asm put there.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_stack_intact")]
    internal static extern uint StackIntact();
}
