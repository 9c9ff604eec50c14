using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Loader;

/// <summary>
/// Reads multiboot 2 boot information (specification 2.0) once, before the chain: one block of tags on 8-byte boundaries, each a type, a
/// size and data. Copies it into <see cref="MachineFacts"/> and records the block there as a loader range. Allocates nothing.
/// </summary>
public static unsafe class Multiboot2
{
    /// <summary>The value of eax at entry.</summary>
    public const uint Magic = 0x36d76289;

    private const uint EndTag = 0;
    private const uint CommandLineTag = 1;
    private const uint LoaderNameTag = 2;
    private const uint ModuleTag = 3;
    private const uint BasicMemoryTag = 4;
    private const uint MapTag = 6;
    private const uint TagHead = 8;
    private const uint MapHead = 16;
    private const uint LongestInformation = 1024 * 1024;

    /// <summary>Reads the information at a physical address below 4 GiB.</summary>
    public static void Read(PhysicalMemory* physical, uint address, MachineFacts* facts)
    {
        uint total = *(uint*)physical->At(address);
        total = total < LongestInformation ? total : LongestInformation;
        facts->AddRange(address, (ulong)address + total, LoaderRange.Information);

        uint at = TagHead;
        while (at + TagHead <= total)
        {
            byte* tag = physical->At(address + at);
            uint type = *(uint*)tag;
            uint size = *(uint*)(tag + 4);
            if (type == EndTag || size < TagHead || size > total - at)
            {
                break;
            }

            ReadTag(tag, type, size, facts);
            at += (size + 7) & ~7u;
        }
    }

    private static void ReadTag(byte* tag, uint type, uint size, MachineFacts* facts)
    {
        switch (type)
        {
            case CommandLineTag:
                facts->SetCommandLine(tag + TagHead);
                break;
            case LoaderNameTag:
                facts->SetLoaderName(tag + TagHead);
                break;
            case ModuleTag:
                facts->AddRange(*(uint*)(tag + 8), *(uint*)(tag + 12), LoaderRange.Module);
                break;
            case BasicMemoryTag:
                facts->UpperKilobytes = *(uint*)(tag + 12);
                break;
            case MapTag:
                ReadMap(tag, size, facts);
                break;
            default:
                break;
        }
    }

    private static void ReadMap(byte* tag, uint size, MachineFacts* facts)
    {
        // The loader gives the entry size; later versions may grow it but never shrink it.
        uint entrySize = *(uint*)(tag + 8);
        if (entrySize < 24)
        {
            return;
        }

        for (uint at = MapHead; at + entrySize <= size; at += entrySize)
        {
            byte* entry = tag + at;
            facts->AddMapEntry(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
        }
    }
}
