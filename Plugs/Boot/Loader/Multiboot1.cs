using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Loader;

/// <summary>
/// Reads multiboot 1 boot information (specification 0.6.96) once, before the chain. Copies it into <see cref="MachineFacts"/> and records
/// every piece there as a loader range, so that the chain does not hand it out. Allocates nothing.
/// </summary>
public static unsafe class Multiboot1
{
    /// <summary>The value of eax at entry.</summary>
    public const uint Magic = 0x2badb002;

    private const uint HasMemory = 1 << 0;
    private const uint HasCommandLine = 1 << 2;
    private const uint HasModules = 1 << 3;
    private const uint HasMap = 1 << 6;
    private const uint HasLoaderName = 1 << 9;
    private const uint InformationBytes = 116;

    // A wild length from the loader must not send us through all of memory.
    private const uint LongestMap = 64 * 1024;
    private const uint MostModules = 256;

    /// <summary>Reads the information at a physical address below 4 GiB.</summary>
    public static void Read(PhysicalMemory* physical, uint address, MachineFacts* facts)
    {
        Information* information = (Information*)physical->At(address);
        facts->AddRange(address, address + InformationBytes, LoaderRange.Information);
        if ((information->Flags & HasMemory) != 0)
        {
            facts->UpperKilobytes = information->UpperKilobytes;
        }

        if ((information->Flags & HasCommandLine) != 0)
        {
            facts->SetCommandLine(physical->At(information->CommandLine));
            LoaderRange.AddText(physical, information->CommandLine, facts);
        }

        if ((information->Flags & HasLoaderName) != 0)
        {
            facts->SetLoaderName(physical->At(information->LoaderName));
            LoaderRange.AddText(physical, information->LoaderName, facts);
        }

        if ((information->Flags & HasModules) != 0)
        {
            ReadModules(physical, information->Modules, information->ModuleCount, facts);
        }

        if ((information->Flags & HasMap) != 0)
        {
            ReadMap(physical, information->Map, information->MapLength, facts);
        }
    }

    private static void ReadModules(PhysicalMemory* physical, uint address, uint count, MachineFacts* facts)
    {
        if (count > MostModules)
        {
            facts->RangeDropped += (int)(count - MostModules);
            count = MostModules;
        }

        Module* modules = (Module*)physical->At(address);
        facts->AddRange(address, address + (count * (uint)sizeof(Module)), LoaderRange.Information);
        for (uint i = 0; i < count; i++)
        {
            facts->AddRange(modules[i].Start, modules[i].End, LoaderRange.Module);
            if (modules[i].Text != 0)
            {
                LoaderRange.AddText(physical, modules[i].Text, facts);
            }
        }
    }

    private static void ReadMap(PhysicalMemory* physical, uint address, uint length, MachineFacts* facts)
    {
        length = length < LongestMap ? length : LongestMap;
        facts->AddRange(address, (ulong)address + length, LoaderRange.Information);
        uint at = 0;
        while (at + sizeof(MapEntry) <= length)
        {
            // The entry's size field does not count itself and may exceed the fields known here.
            MapEntry* entry = (MapEntry*)physical->At(address + at);
            uint start = (uint)sizeof(uint);
            byte* fields = (byte*)entry + start;
            facts->AddMapEntry(*(ulong*)fields, *(ulong*)(fields + 8), *(uint*)(fields + 16));
            if (entry->Size < 20)
            {
                break;
            }

            at += entry->Size + start;
        }
    }

    private struct Information
    {
        internal uint Flags;
        internal uint LowerKilobytes;
        internal uint UpperKilobytes;
        internal uint BootDevice;
        internal uint CommandLine;
        internal uint ModuleCount;
        internal uint Modules;
        internal uint Symbols0;
        internal uint Symbols1;
        internal uint Symbols2;
        internal uint Symbols3;
        internal uint MapLength;
        internal uint Map;
        internal uint DrivesLength;
        internal uint Drives;
        internal uint Configuration;
        internal uint LoaderName;
    }

    private struct Module
    {
        internal uint Start;
        internal uint End;
        internal uint Text;
        internal uint Reserved;
    }

    // 24 bytes: a 4-byte size field, then base, length and type without padding.
    private struct MapEntry
    {
        internal uint Size;
        internal uint BaseLow;
        internal uint BaseHigh;
        internal uint LengthLow;
        internal uint LengthHigh;
        internal uint Type;
    }
}
