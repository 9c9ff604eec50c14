using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using CosmosBootAlloc.Simulator;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>
/// Decodes all code of an image, from its first instruction to the end of its code, and names what is newer than a 486. It shares
/// nothing with the lowering but the list of what a 486 has.
/// </summary>
/// <param name="Instructions">How many were decoded.</param>
/// <param name="AskedFor">Those newer ones that the kernel executes only where the CPU has them.</param>
/// <param name="Newer">All others that are newer than a 486, or no instruction: address and text.</param>
public sealed record CodeProof(int Instructions, int AskedFor, IReadOnlyList<string> Newer)
{
    private const int SectorBytes = 512;
    private const int LargestKernel = 16 << 20;

    /// <summary>Decodes an image.</summary>
    public static CodeProof Of(CodeImage image)
    {
        (int count, int asked) = (0, 0);
        List<string> newer = [];
        foreach (CodeImage.Part part in image.Code)
        {
            // What comes before the entry is the loader's header.
            uint start = image.Entry >= part.Start && image.Entry < part.End ? image.Entry : part.Start;
            byte[] bytes = image.At(start, (int)(part.End - start)).ToArray();
            Decoder decoder = Decoder.Create(32, new ByteArrayCodeReader(bytes));
            decoder.IP = start;
            while (decoder.IP < part.End)
            {
                decoder.Decode(out Instruction x);
                count++;
                if (Cpu486.IsAskedFor(x))
                {
                    asked++;
                }
                else if (!Cpu486.Has(x))
                {
                    newer.Add($"{x.IP32:x} {(x.IsInvalid ? "no instruction" : x.ToString())}");
                }
            }
        }

        return new CodeProof(count, asked, newer);
    }

    /// <summary>
    /// The kernels in a file: an ELF file, or those in an image of a floppy, disk, or CD, whose files begin at sectors. They may be
    /// compressed by gzip.
    /// </summary>
    /// <exception cref="BadInputException">There is none.</exception>
    public static IReadOnlyList<CodeImage> Kernels(string name, byte[] bytes)
    {
        List<CodeImage> found = [];
        for (int at = 0; at < bytes.Length; at += SectorBytes)
        {
            if (CodeImage.IsElf(bytes, at))
            {
                found.Add(new CodeImage(name, bytes, at));
            }
            else if (Unpack(bytes, at) is { } kernel)
            {
                found.Add(new CodeImage(name, kernel));
            }
        }

        return found.Count != 0 ? found : throw new BadInputException($"{name}: expected a 32-bit ELF file, or an image that holds one");
    }

    // What is compressed at an offset, if that is an ELF file; of anything else no more than the first bytes are looked at.
    private static byte[]? Unpack(byte[] bytes, int at)
    {
        if (!bytes.AsSpan(at).StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 8]))
        {
            return null;
        }

        using GZipStream gzip = new(new MemoryStream(bytes, at, bytes.Length - at), CompressionMode.Decompress);
        byte[] kernel = new byte[LargestKernel];
        try
        {
            int length = gzip.ReadAtLeast(kernel.AsSpan(0, CodeImage.HeaderBytes), CodeImage.HeaderBytes, throwOnEndOfStream: false);
            if (!CodeImage.IsElf(kernel.AsSpan(0, length), 0))
            {
                return null;
            }

            return kernel[..(length + gzip.ReadAtLeast(kernel.AsSpan(length), LargestKernel - length, throwOnEndOfStream: false))];
        }
        catch (InvalidDataException)
        {
            // Not compressed after all, or damaged: GRUB does not load it either.
            return null;
        }
    }

    /// <summary>One sentence.</summary>
    public override string ToString()
        => $"{Newer.Count} instructions newer than a 486 in {Instructions}" + (AskedFor == 0
            ? ""
            : $"; {AskedFor} more (cpuid, rdtsc) run only where the CPU has them");
}
