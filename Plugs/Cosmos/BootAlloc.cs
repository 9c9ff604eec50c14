using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.Reports;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc;

/// <summary>
/// What a Cosmos kernel can ask of its memory: the boot report, the reports of our shell as text, figures for a status bar, and an event
/// when memory runs low. All of it works from the kernel's constructor on.
/// </summary>
public static unsafe class BootAlloc
{
    private const int ReportCapacity = LogRing.Capacity;

    private static KernelLog s_log;
    private static Buffer s_text;
    private static int s_length;

    /// <summary>The variant of the boot memory chain: <c>nobootmem</c>, <c>bootmem</c>, <c>lmb</c> or <c>memblock</c>.</summary>
    public static string VariantName => Variant.Name;

    /// <summary>The version of these plugs.</summary>
    public static string Version => Distribution.Version;

    /// <summary>Usable RAM below 4 GiB, in bytes: all of it, whoever has it now.</summary>
    public static ulong UsableBytes => KernelState.Boot->Books.Ram.Bytes;

    /// <summary>Bytes that the page allocator manages: what boot left over.</summary>
    public static ulong ManagedBytes => (ulong)KernelState.Memory->Pages.ManagedPages << PageSize.Shift;

    /// <summary>Bytes in free pages. Free objects inside the heaps' slabs are not counted.</summary>
    public static ulong FreeBytes => (ulong)KernelState.Memory->Pages.FreePageCount << PageSize.Shift;

    /// <summary>Bytes of pages that the heaps have: slabs, large objects, and the table that describes them.</summary>
    public static ulong HeapBytes
        => (ulong)(KernelState.Memory->Heap.SlabPages + KernelState.Memory->Heap.LargePages + KernelState.Memory->Raw.SlabPages
            + KernelState.Memory->Raw.LargePages + KernelState.Memory->Slabs.Pages) << PageSize.Shift;

    /// <summary>RAM above 4 GiB, in bytes, which a 32-bit kernel leaves alone.</summary>
    public static ulong UnreachableBytes => KernelState.Boot->Books.Ram.BytesAboveLimit;

    /// <summary>Objects that exist: of <c>new</c> and of <c>Heap.Alloc</c>.</summary>
    public static uint Objects => KernelState.Memory->Heap.Objects + KernelState.Memory->Raw.Objects;

    /// <summary>Collections since boot, whoever asked for them.</summary>
    public static uint Collections => GarbageCollection.Runs;

    /// <summary>Times that memory ran short since boot.</summary>
    public static uint Shortages => Shortage.Events;

    /// <summary>The boot log, one line an element, oldest first: the last 32 KiB of it.</summary>
    public static string[] BootLog()
    {
        fixed (byte* text = s_text.Bytes)
        {
            s_length = LogRing.Copy(text);
        }

        return Lines();
    }

    /// <summary>Adds a line to the boot log, with its time: to the ring, and to wherever the log goes.</summary>
    /// <param name="line">ASCII, without a line end.</param>
    public static void Log(string line)
    {
        KernelState.Log->Text(line);
        KernelState.Log->Print("\n");
    }

    /// <summary>Memory by use, in kB, as Linux's /proc/meminfo shows it.</summary>
    public static string[] MemInfo() => Report(&MemoryReport.MemInfo);

    /// <summary>Free blocks by zone and order, as Linux's /proc/buddyinfo shows them.</summary>
    public static string[] BuddyInfo() => Report(&MemoryReport.BuddyInfo);

    /// <summary>The heaps' slabs, as Linux's /proc/slabinfo shows them.</summary>
    public static string[] SlabInfo() => Report(&SlabReport.Print);

    /// <summary>Who has kept which memory since boot: range in bytes, end exclusive, whole pages of RAM in it, name.</summary>
    public static string[] Reservations() => Report(&MemoryReport.Reservations);

    /// <summary>The memory map as the chain used it.</summary>
    public static string[] MemoryMap() => Report(&MemoryReport.Map);

    /// <summary>Free blocks of 2^<paramref name="order"/> pages in both zones.</summary>
    /// <param name="order">0 to 10; larger ones have none.</param>
    public static uint FreeBlocks(int order)
    {
        if (order < 0 || order > (int)Zone.MaxOrder)
        {
            return 0;
        }

        KernelState.Memory->Pages.ReturnRecent();
        return KernelState.Memory->Pages.Dma.FreeBlocks((uint)order) + KernelState.Memory->Pages.Dma32.FreeBlocks((uint)order);
    }

    /// <summary>
    /// Has a handler called when free memory runs low, and once more before an allocation fails. It may free memory, and allocate a little.
    /// </summary>
    /// <returns>False if 16 handlers are there already.</returns>
    public static bool OnLowMemory(LowMemory handler) => Shortage.Subscribe(handler);

    /// <summary>Removes a handler of <see cref="OnLowMemory"/>.</summary>
    public static void RemoveLowMemory(LowMemory handler) => Shortage.Unsubscribe(handler);

    // The report is collected whole before the first string is made, so that it shows memory as it was.
    private static string[] Report(delegate*<KernelLog*, void> print)
    {
        s_length = 0;
        fixed (KernelLog* log = &s_log)
        {
            log->Init(null, &Take, null);
            print(log);
        }

        return Lines();
    }

    private static void Take(void* context, byte* line, int length)
    {
        // A line that finds no room is left out whole.
        if (length >= ReportCapacity - s_length)
        {
            return;
        }

        for (int i = 0; i < length; i++)
        {
            s_text.Bytes[s_length++] = line[i];
        }

        s_text.Bytes[s_length++] = (byte)'\n';
    }

    private static string[] Lines()
    {
        int count = 0;
        for (int i = 0; i < s_length; i++)
        {
            count += s_text.Bytes[i] == '\n' ? 1 : 0;
        }

        string[] lines = new string[count];
        int start = 0;
        for (int line = 0; line < count; line++)
        {
            int end = start;
            while (s_text.Bytes[end] != '\n')
            {
                end++;
            }

            char[] characters = new char[end - start];
            for (int i = 0; i < characters.Length; i++)
            {
                characters[i] = (char)s_text.Bytes[start + i];
            }

            lines[line] = new string(characters);
            start = end + 1;
        }

        return lines;
    }

    private struct Buffer
    {
        internal fixed byte Bytes[ReportCapacity];
    }
}
