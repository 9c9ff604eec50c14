using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Memory.Heap;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Assembler;

/// <summary>The sweep's loops: 5 and 8 instructions an object, where IL2CPU's take 40 and 60.</summary>
[Plug(Target = typeof(ObjectWords))]
public static unsafe class ObjectWordsPlug
{
    /// <summary>See <see cref="ObjectWords.FindWith"/>.</summary>
    [PlugMethod(Assembler = typeof(FindObjectCode))]
    public static byte* FindWith(byte* at, byte* end, uint bytes, uint bits) => throw null;

    /// <summary>See <see cref="ObjectWords.Sweep"/>.</summary>
    [PlugMethod(Assembler = typeof(SweepObjectsCode))]
    public static uint Sweep(byte* first, byte* end, uint bytes, uint mark) => throw null;
}

/// <summary>See <see cref="ObjectWordsPlug.FindWith"/>.</summary>
public sealed class FindObjectCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov edi, [ebp + 20]",
        "mov esi, [ebp + 16]",
        "mov ecx, [ebp + 12]",
        "mov eax, [ebp + 8]",
        "jmp .look",
        ".next:",
        "add edi, ecx",
        ".look:",
        "cmp edi, esi",
        "je .found",
        "test [edi], eax",
        "jz .next",
        ".found:",
        "push edi",
    };
}

/// <summary>See <see cref="ObjectWordsPlug.Sweep"/>.</summary>
public sealed class SweepObjectsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        // EDI: the object; EBX: its offset, with the bias and the count of the list; EAX: the list.
        "mov esi, [ebp + 20]",
        "mov edi, [ebp + 16]",
        "mov ecx, [ebp + 12]",
        "mov edx, [ebp + 8]",
        "mov ebx, edi",
        "sub ebx, esi",
        $"add ebx, {Slab.FreeMark + Slab.OffsetBias}",
        $"mov eax, {Slab.NoneFree}",
        ".next:",
        "sub ebx, ecx",
        "sub edi, ecx",
        "test [edi], edx",
        "jz .free",
        "xor [edi], edx",
        "cmp edi, esi",
        "jne .next",
        "jmp .done",
        ".free:",
        "mov [edi], eax",
        $"add ebx, {Slab.CountStep}",
        "mov eax, ebx",
        "cmp edi, esi",
        "jne .next",
        ".done:",
        "push eax",
    };
}
