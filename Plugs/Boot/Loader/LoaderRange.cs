using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Boot.Loader;

/// <summary>The names under which a loader's memory is reserved, and its texts as ranges.</summary>
public static unsafe class LoaderRange
{
    /// <summary>Boot information: given to the page allocator once the kernel has read it.</summary>
    public const string Information = MachineFacts.LoaderInformation;

    /// <summary>A boot module; kept. Linux's name for its one module is kept too.</summary>
    public const string Module = "RAMDISK";

    /// <summary>Names a NUL-terminated text as the loader's.</summary>
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
