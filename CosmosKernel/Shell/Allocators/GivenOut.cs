namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>What alloc gave and free has not taken back: an address typed by hand is checked here before the heap sees it.</summary>
internal static unsafe class GivenOut
{
    /// <summary>Addresses that fit.</summary>
    internal const int Capacity = 256;

    private static Table s_table;
    private static int s_count;

    /// <summary>There is no room for another.</summary>
    internal static bool IsFull => s_count == Capacity;

    /// <summary>Notes an address.</summary>
    internal static void Add(void* memory)
    {
        s_table.Address[s_count++] = (uint)memory;
    }

    /// <summary>Strikes an address out.</summary>
    /// <returns>False if alloc did not give it, or it was taken back.</returns>
    internal static bool Take(uint address)
    {
        for (int i = 0; i < s_count; i++)
        {
            if (s_table.Address[i] == address)
            {
                s_table.Address[i] = s_table.Address[--s_count];
                return true;
            }
        }

        return false;
    }

    private struct Table
    {
        internal fixed uint Address[Capacity];
    }
}
