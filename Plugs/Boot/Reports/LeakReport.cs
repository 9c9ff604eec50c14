using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Boot.Reports;

/// <summary>Live allocations, summed by allocation site. Needs checked heaps (<c>debug</c>). Allocates and frees nothing.</summary>
internal static unsafe class LeakReport
{
    private const int Capacity = 256;
    private const int Shown = 24;

    private static Table s_table;

    /// <summary>Checks every object's red zones, then prints the sites, largest total first.</summary>
    internal static void Print(KernelLog* log, SlabHeap* heap, string name)
    {
        uint slots = heap->CheckAll();
        s_table.Used = 0;
        s_table.Others = 0;
        uint objects = 0;
        uint bytes = 0;
        fixed (Table* table = &s_table)
        {
            heap->ForEachChecked(table, &Add);
            for (int i = 0; i < table->Used; i++)
            {
                objects += table->Count[i];
                bytes += table->Bytes[i];
            }

            log->Text(name);
            log->Print(": %d slots checked, no misuse; %d objects live, %d bytes, %d sites\n", slots, objects, bytes, (uint)table->Used);
            for (int row = 0; row < Shown; row++)
            {
                int largest = -1;
                for (int i = 0; i < table->Used; i++)
                {
                    if (table->Count[i] != 0 && (largest < 0 || table->Bytes[i] > table->Bytes[largest]))
                    {
                        largest = i;
                    }
                }

                if (largest < 0)
                {
                    break;
                }

                log->Print(
                    "  site %08x: %6d objects %9d bytes, the last is allocation %d at %08x\n",
                    table->Site[largest],
                    table->Count[largest],
                    table->Bytes[largest],
                    table->Serial[largest],
                    table->Last[largest]);
                table->Count[largest] = 0;
            }

            if (table->Others != 0)
            {
                log->Print("  and %d objects of sites that did not fit\n", table->Others);
            }
        }
    }

    private static void Add(void* context, byte* memory, uint bytes, uint site, uint serial)
    {
        Table* table = (Table*)context;
        int i = 0;
        while (i < table->Used && table->Site[i] != site)
        {
            i++;
        }

        if (i == Capacity)
        {
            table->Others++;
            return;
        }

        if (i == table->Used)
        {
            table->Used++;
            table->Site[i] = site;
            table->Count[i] = 0;
            table->Bytes[i] = 0;
            table->Serial[i] = 0;
        }

        table->Count[i]++;
        table->Bytes[i] += bytes;
        if (serial >= table->Serial[i])
        {
            table->Serial[i] = serial;
            table->Last[i] = (uint)memory;
        }
    }

    private struct Table
    {
        internal int Used;
        internal uint Others;
        internal fixed uint Site[Capacity];
        internal fixed uint Count[Capacity];
        internal fixed uint Bytes[Capacity];
        internal fixed uint Serial[Capacity];
        internal fixed uint Last[Capacity];
    }
}
