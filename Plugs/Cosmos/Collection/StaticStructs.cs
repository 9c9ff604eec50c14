using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>
/// Static fields whose type is a struct, and which may hold references. Cosmos counts these too, but IL2CPU hands over the field's content
/// in the place of its address, so nothing can be counted. Here the address is read from the code that calls, once per field, and the
/// collector looks at the field itself.
/// </summary>
/// <remarks>
/// The call, as IL2CPU emits it: <c>push dword [field + 4]</c> (FF 35, address), <c>push dword [type]</c> (FF 35, address), <c>call</c>
/// (E8, distance), and then the return address. Anything else is not touched. A table that is full is a panic: silence would lose objects.
/// </remarks>
internal static unsafe class StaticStructs
{
    /// <summary>Most fields.</summary>
    internal const int Capacity = 1024;

    private const ushort PushFromMemory = 0x35ff;
    private const byte Call = 0xe8;

    private static Table s_table;
    private static int s_count;

    /// <summary>Fields that were ever set.</summary>
    internal static int Count => s_count;

    /// <summary>Address of a field.</summary>
    internal static uint Address(int index) => s_table.Address[index];

    /// <summary>Its type.</summary>
    internal static uint Type(int index) => s_table.Type[index];

    /// <summary>Remembers the field that the code before a return address is about to set, or has set.</summary>
    internal static void Note(uint returnAddress, uint type)
    {
        byte* code = (byte*)returnAddress;
        if (*(code - 5) != Call || *(ushort*)(code - 11) != PushFromMemory || *(ushort*)(code - 17) != PushFromMemory)
        {
            return;
        }

        uint address = *(uint*)(code - 15) - sizeof(uint);
        for (int i = 0; i < s_count; i++)
        {
            if (s_table.Address[i] == address)
            {
                return;
            }
        }

        if (s_count == Capacity)
        {
            Fatal.Stop("more static structs than the collector can look at");
            return;
        }

        s_table.Address[s_count] = address;
        s_table.Type[s_count] = type;
        s_count++;
    }

    private struct Table
    {
        internal fixed uint Address[Capacity];
        internal fixed uint Type[Capacity];
    }
}
