using Cosmos.Core;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Plugs.Heaps;

namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>
/// Where the references of each type are. Cosmos's tables say it field by field, structs by their own type; here they are flattened once,
/// at the first collection, into a list of offsets a type, so that marking is a walk over plain numbers.
/// </summary>
/// <remarks>
/// <code>
///   s_first[type]  -> place in s_offsets, or 0 for a type without references
///   s_offsets      0 | count, offset, offset, ... | count, offset, ... | ...
/// </code>
/// An offset leads to the 4 bytes of the reference that hold the address (its upper half).
/// </remarks>
internal static unsafe class ReferenceMaps
{
    private const uint AddressInReference = sizeof(uint);
    private const uint DeepestStruct = 32;

    private static uint* s_first;
    private static uint* s_offsets;
    private static uint s_used;
    private static uint s_types;

    /// <summary>Types that have an entry; type numbers are below it.</summary>
    internal static uint Types => s_types;

    /// <summary>The entry of a type: the count, then the offsets; null for none.</summary>
    internal static uint* Of(uint type)
    {
        uint first = s_first[type];
        return first == 0 ? null : s_offsets + first;
    }

    /// <summary>The list of <see cref="Of"/>, for loops that cannot afford the call.</summary>
    internal static uint* First => s_first;

    /// <summary>Makes the lists, if they are not there yet. Takes pages once; without them the machine is out of memory.</summary>
    internal static void Make()
    {
        if (s_first != null || VTablesImpl.gcTypes == null)
        {
            return;
        }

        uint types = (uint)VTablesImpl.gcTypes.Length;
        uint words = 1;
        for (uint type = 0; type < types; type++)
        {
            uint count = Count(type, 0);
            words += count == 0 ? 0 : count + 1;
        }

        uint pages = (((types + words) * sizeof(uint)) + (uint)PageSize.OffsetMask) >> PageSize.Shift;
        uint pfn = KernelState.Memory->Pages.Dma32.AllocateExact(pages);
        pfn = pfn == PageAllocator.None ? KernelState.Memory->Pages.Dma.AllocateExact(pages) : pfn;
        if (pfn == PageAllocator.None)
        {
            KernelState.Log->Panic(
                "Out of memory: %d pages wanted for the collector's tables; free pages %d", pages, KernelState.Memory->Pages.FreePageCount);
            return;
        }

        s_first = (uint*)PageTable.At(pfn);
        s_offsets = s_first + types;
        s_used = 1;
        for (uint type = 0; type < types; type++)
        {
            s_first[type] = 0;
            uint count = Count(type, 0);
            if (count != 0)
            {
                s_first[type] = s_used;
                s_offsets[s_used++] = count;
                Append(type, 0, 0);
            }
        }

        s_types = types;
    }

    private static uint Count(uint type, uint depth)
    {
        uint count = 0;
        uint fields = VTablesImpl.gcTypes[type].GCFieldCount;
        for (uint i = 0; i < fields; i++)
        {
            uint fieldType = VTablesImpl.gcTypes[type].GCFieldTypes[i];
            if (!VTablesImpl.mTypes[fieldType].IsValueType)
            {
                count++;
            }
            else if (VTablesImpl.mTypes[fieldType].IsStruct && depth < DeepestStruct)
            {
                count += Count(fieldType, depth + 1);
            }
        }

        return count;
    }

    private static void Append(uint type, uint start, uint depth)
    {
        uint fields = VTablesImpl.gcTypes[type].GCFieldCount;
        for (uint i = 0; i < fields; i++)
        {
            uint fieldType = VTablesImpl.gcTypes[type].GCFieldTypes[i];
            uint offset = start + VTablesImpl.gcTypes[type].GCFieldOffsets[i];
            if (!VTablesImpl.mTypes[fieldType].IsValueType)
            {
                s_offsets[s_used++] = offset + AddressInReference;
            }
            else if (VTablesImpl.mTypes[fieldType].IsStruct && depth < DeepestStruct)
            {
                Append(fieldType, offset, depth + 1);
            }
        }
    }
}
