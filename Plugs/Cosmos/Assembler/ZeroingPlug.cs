using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Memory.Physical;
using IL2CPU.API.Attribs;

namespace CosmosBootAlloc.Plugs.Assembler;

/// <summary>
/// Zeroing by the widest stores that every CPU of this kernel has. What IL2CPU makes of <see cref="Zeroing.Clear"/> takes several
/// instructions for four bytes; here nineteen clear 256, so that the page frame table costs less than one instruction a page, and a page
/// some 320.
/// </summary>
/// <remarks>
/// Needs SSE to be on (<see cref="Instructions.EnableSse"/>). XMM0 is free: IL2CPU keeps nothing in it from one operation to the next, and
/// interrupt handlers save it.
/// </remarks>
[Plug(Target = typeof(Zeroing))]
public static unsafe class ZeroingPlug
{
    /// <summary>See <see cref="Zeroing.Clear"/>.</summary>
    [PlugMethod(Assembler = typeof(ZeroingCode))]
    public static void Clear(byte* start, nuint bytes) => throw null;
}

/// <summary>See <see cref="ZeroingPlug.Clear"/>.</summary>
public sealed class ZeroingCode : Code
{
    /// <inheritdoc/>
    protected override string[] Lines => new[]
    {
        "mov edi, [ebp + 12]",
        "mov ecx, [ebp + 8]",
        "xor eax, eax",
        "cmp ecx, 288",
        "jb .words",

        // One store over the ragged start, then on from the next multiple of 16.
        "pxor xmm0, xmm0",
        "mov edx, edi",
        "neg edx",
        "and edx, 15",
        "jz .lines",
        "movups [edi], xmm0",
        "add edi, edx",
        "sub ecx, edx",
        ".lines:",
        "mov edx, ecx",
        "and ecx, 255",
        "shr edx, 8",
        ".line:",
        "movaps [edi], xmm0",
        "movaps [edi + 16], xmm0",
        "movaps [edi + 32], xmm0",
        "movaps [edi + 48], xmm0",
        "movaps [edi + 64], xmm0",
        "movaps [edi + 80], xmm0",
        "movaps [edi + 96], xmm0",
        "movaps [edi + 112], xmm0",
        "movaps [edi + 128], xmm0",
        "movaps [edi + 144], xmm0",
        "movaps [edi + 160], xmm0",
        "movaps [edi + 176], xmm0",
        "movaps [edi + 192], xmm0",
        "movaps [edi + 208], xmm0",
        "movaps [edi + 224], xmm0",
        "movaps [edi + 240], xmm0",
        "add edi, 256",
        "dec edx",
        "jnz .line",
        ".words:",
        "mov edx, ecx",
        "shr ecx, 2",
        "rep stosd",
        "mov ecx, edx",
        "and ecx, 3",
        "rep stosb",
    };
}
