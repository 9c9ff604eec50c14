using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Memory.Physical;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Assembler;

/// <summary>Rows of words by the CPU's string instructions: one instruction a word, where IL2CPU's loop takes some twenty.</summary>
[Plug(Target = typeof(Words))]
public static unsafe class WordsPlug
{
    /// <summary>See <see cref="Words.Set"/>.</summary>
    [PlugMethod(Assembler = typeof(SetWordsCode))]
    public static void Set(uint* words, uint count, uint value) => throw null;

    /// <summary>See <see cref="Words.ClearEveryOther"/>. To clear all of them by the widest stores takes fewer instructions.</summary>
    public static void ClearEveryOther(uint* words, uint count) => Zeroing.Clear((byte*)words, count * (2 * sizeof(uint)));

    /// <summary>See <see cref="Words.FindEveryFourth"/>.</summary>
    [PlugMethod(Assembler = typeof(FindEveryFourthWordCode))]
    public static uint FindEveryFourth(uint* words, uint count, uint value) => throw null;

    /// <summary>See <see cref="Words.CountEqual"/>.</summary>
    [PlugMethod(Assembler = typeof(CountEqualWordsCode))]
    public static uint CountEqual(uint* words, uint count, uint value) => throw null;
}

/// <summary>See <see cref="WordsPlug.Set"/>.</summary>
public sealed class SetWordsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov edi, [ebp + 16]",
        "mov ecx, [ebp + 12]",
        "mov eax, [ebp + 8]",
        "cmp ecx, 16",
        "jb .words",
        "movd xmm0, eax",
        "pshufd xmm0, xmm0, 0",
        ".line:",
        "movups [edi], xmm0",
        "movups [edi + 16], xmm0",
        "movups [edi + 32], xmm0",
        "movups [edi + 48], xmm0",
        "add edi, 64",
        "sub ecx, 16",
        "cmp ecx, 16",
        "jae .line",
        ".words:",
        "rep stosd",
    };
}

/// <summary>See <see cref="WordsPlug.FindEveryFourth"/>.</summary>
public sealed class FindEveryFourthWordCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov edi, [ebp + 16]",
        "mov ecx, [ebp + 12]",
        "mov eax, [ebp + 8]",
        "mov edx, ecx",
        ".four:",
        "cmp ecx, 4",
        "jb .one",
        "cmp [edi], eax",
        "je .found",
        "cmp [edi + 16], eax",
        "je .one",
        "cmp [edi + 32], eax",
        "je .one",
        "cmp [edi + 48], eax",
        "je .one",
        "add edi, 64",
        "sub ecx, 4",
        "jmp .four",
        ".one:",
        "test ecx, ecx",
        "jz .found",
        "cmp [edi], eax",
        "je .found",
        "add edi, 16",
        "dec ecx",
        "jmp .one",
        ".found:",
        "sub edx, ecx",
        "push edx",
    };
}

/// <summary>See <see cref="WordsPlug.CountEqual"/>.</summary>
public sealed class CountEqualWordsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov edi, [ebp + 16]",
        "mov ecx, [ebp + 12]",
        "mov eax, [ebp + 8]",
        "mov edx, ecx",

        // Without a word to look at the flags would be those of before.
        "test ecx, ecx",
        "jz .counted",
        "repe scasd",
        "je .counted",
        "inc ecx",
        ".counted:",
        "sub edx, ecx",
        "push edx",
    };
}
