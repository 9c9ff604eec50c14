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

    /// <summary>See <see cref="Words.CountEqual"/>.</summary>
    [PlugMethod(Assembler = typeof(CountEqualWordsCode))]
    public static uint CountEqual(uint* words, uint count, uint value) => throw null;
}

/// <summary>See <see cref="WordsPlug.Set"/>.</summary>
public sealed class SetWordsCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[] { "mov edi, [ebp + 16]", "mov ecx, [ebp + 12]", "mov eax, [ebp + 8]", "rep stosd" };
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
