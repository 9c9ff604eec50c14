using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Loader;

/// <summary>The names under which loader memory is reserved, and a helper that records strings as such ranges.</summary>
public static unsafe class LoaderRange
{
    /// <summary>Boot information; goes to the page allocator once the kernel has read it.</summary>
    public const string Information = MachineFacts.LoaderInformation;

    /// <summary>A boot module; stays reserved. Linux uses this name for its one module.</summary>
    public const string Module = "RAMDISK";

    /// <summary>Records the range of a NUL-terminated string.</summary>
    public static void AddText(PhysicalMemory* physical, uint address, MachineFacts* facts)
    {
        byte* text = physical->At(address);
        uint length = 0;
        while (length < MachineFacts.CommandLineCapacity && text[length] != 0)
        {
            length++;
        }

        facts->AddRange(address, (ulong)address + length + 1, Information);
    }
}
