using System.Runtime.InteropServices;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Heaps;

/// <summary>
/// <see cref="SlabHeap.AllocateQuickly"/>, the zeroing, and the hot half of <see cref="SlabHeap.Free"/> by hand: some 40 instructions each,
/// where IL2CPU makes 200. Physical addresses are pointers here, as everywhere in a Cosmos kernel.
/// </summary>
[Plug(Target = typeof(QuickBlocks))]
public static unsafe class QuickBlocksPlug
{
    /// <summary>See <see cref="QuickBlocks.Take"/>.</summary>
    [PlugMethod(Assembler = typeof(TakeBlockCode))]
    public static byte* Take(void* heap, uint bytes) => throw null;

    /// <summary>See <see cref="QuickBlocks.Give"/>.</summary>
    [PlugMethod(Assembler = typeof(GiveBlockCode))]
    public static uint Give(void* heap, void* block) => throw null;
}

/// <summary>Where fields lie; IL2CPU lays structs of numbers out as they are declared.</summary>
internal static class Offset
{
    internal static string OfSlab(string field) => Marshal.OffsetOf(typeof(Slab), field).ToString();

    internal static string OfHeap(string field) => Marshal.OffsetOf(typeof(QuickHeap), field).ToString();
}

/// <summary>See <see cref="QuickBlocksPlug.Take"/>.</summary>
public sealed class TakeBlockCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov esi, [ebp + 12]",
        "mov ebx, [ebp + 8]",
        "xor eax, eax",
        "pushfd",
        "cli",
        $"mov edi, [esi + {Offset.OfHeap(nameof(QuickHeap.Current))}]",
        "test edi, edi",
        "jz .done",
        $"cmp ebx, {ManagedHeap.LargestSmallBytes}",
        "ja .done",
        $"mov ecx, [esi + {Offset.OfHeap(nameof(QuickHeap.Takes))}]",
        "mov ecx, [ecx]",
        $"mov edx, [esi + {Offset.OfHeap(nameof(QuickHeap.TakesSeen))}]",
        "cmp ecx, [edx]",
        "jne .done",

        // EBX: grains, less one.
        $"add ebx, {ManagedHeap.HeadBytes - 1}",
        $"shr ebx, {SizeClass.GrainShift}",
        $"mov edx, [esi + {Offset.OfHeap(nameof(QuickHeap.ClassOf))}]",
        "movzx edx, byte [edx + ebx]",
        "mov edx, [edi + edx * 4]",
        $"mov ecx, [edx + {Offset.OfSlab(nameof(Slab.Free))}]",
        $"and ecx, {Slab.OffsetMask}",
        "jz .done",
        $"add ecx, [edx + {Offset.OfSlab(nameof(Slab.Start))}]",
        $"lea edi, [ecx - {Slab.OffsetBias}]",
        "mov ecx, [edi]",
        $"mov [edx + {Offset.OfSlab(nameof(Slab.Free))}], ecx",
        "mov edx, edi",
        $"lea ecx, [ebx * {SizeClass.Grain} + {SizeClass.Grain}]",
        "cmp ecx, 64",
        "jb .words",
        "pxor xmm0, xmm0",
        ".line:",
        "movups [edi], xmm0",
        "movups [edi + 16], xmm0",
        "movups [edi + 32], xmm0",
        "movups [edi + 48], xmm0",
        "add edi, 64",
        "sub ecx, 64",
        "cmp ecx, 64",
        "jae .line",
        ".words:",
        "shr ecx, 2",
        "rep stosd",
        $"mov ecx, [esi + {Offset.OfHeap(nameof(QuickHeap.Head))}]",
        "mov [edx], ecx",
        $"lea eax, [edx + {ManagedHeap.HeadBytes}]",
        ".done:",
        "popfd",
        "push eax",
    };
}

/// <summary>See <see cref="QuickBlocksPlug.Give"/>.</summary>
public sealed class GiveBlockCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov esi, [ebp + 12]",
        "mov edi, [ebp + 8]",
        "xor eax, eax",
        "pushfd",
        "cli",
        $"sub edi, {ManagedHeap.HeadBytes}",
        "jb .done",
        "mov ecx, edi",
        $"shr ecx, {SlabMap.LeafShift}",
        $"mov edx, [esi + {Offset.OfHeap(nameof(QuickHeap.Leaf))}]",
        "mov edx, [edx + ecx * 4]",
        "test edx, edx",
        "jz .done",
        "mov ecx, edi",
        $"shr ecx, {PageSize.Shift}",
        $"and ecx, {SlabMap.PageMask}",
        "mov edx, [edx + ecx * 4]",
        $"mov ecx, [esi + {Offset.OfHeap(nameof(QuickHeap.Head))}]",
        "cmp [edi], ecx",
        "jne .done",

        // EDX: the slab; ECX: the offset, which must be an object's.
        "mov ecx, edi",
        $"sub ecx, [edx + {Offset.OfSlab(nameof(Slab.Start))}]",
        "mov ebx, ecx",
        $"imul ebx, [edx + {Offset.OfSlab(nameof(Slab.Reciprocal))}]",
        $"cmp ebx, [edx + {Offset.OfSlab(nameof(Slab.Limit))}]",
        "jae .done",
        $"mov esi, [edx + {Offset.OfSlab(nameof(Slab.Free))}]",
        "mov ebx, esi",
        $"and ebx, {~Slab.OffsetMask}",
        $"lea ebx, [ebx + ecx + {Slab.CountStep + Slab.OffsetBias}]",
        $"cmp ebx, [edx + {Offset.OfSlab(nameof(Slab.Edge))}]",
        "jae .done",
        "mov [edi], esi",
        $"mov [edx + {Offset.OfSlab(nameof(Slab.Free))}], ebx",
        "inc eax",
        ".done:",
        "popfd",
        "push eax",
    };
}
