using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Heap;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>
/// Physical memory as a picture of 64 columns: one cell a power of two of pages, its character and color what most of the used pages are,
/// or free. Read from the page frames; allocates nothing.
/// </summary>
internal static unsafe class MemoryPicture
{
    private const int Columns = 64;
    private const int MostRows = 16;
    private const int Margin = 8;
    private const int Kinds = 6;

    private const int Hole = 0;
    private const int Free = 1;
    private const int Reserved = 2;
    private const int Slabs = 3;
    private const int Large = 4;
    private const int Pages = 5;

    private static Cells s_cells;
    private static uint s_pagesPerCellShift;
    private static int s_count;

    /// <summary>Prints the picture and its legend to both devices.</summary>
    internal static void Print()
    {
        Measure();
        for (int i = 0; i < s_count; i++)
        {
            if (i % Columns == 0)
            {
                Address(((ulong)(uint)i << (int)s_pagesPerCellShift) << PageSize.Shift);
            }

            Put(s_cells.Kind[i]);
            if (i % Columns == Columns - 1 || i == s_count - 1)
            {
                Terminal.Text("\n");
            }
        }

        for (int kind = Free; kind < Kinds; kind++)
        {
            Put(kind);
            Terminal.Text(kind == Free ? " free  " : kind == Reserved ? " reserved since boot  " : kind == Slabs
                ? " slabs  " : kind == Large ? " large objects  " : " other pages\n");
        }

        KernelState.Console->Print("1 cell: %d kB\n", 4u << (int)s_pagesPerCellShift);
    }

    /// <summary>Draws the picture at the top of the screen, and nothing on the serial port.</summary>
    internal static void Draw()
    {
        Measure();
        int rows = ((s_count - 1) / Columns) + 1;
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < TextScreen.Columns; column++)
            {
                int at = column - Margin;
                int cell = (row * Columns) + at;
                int kind = at >= 0 && at < Columns && cell < s_count ? s_cells.Kind[cell] : Hole;
                TextScreen.Place(row, column, OnScreen(kind), Colour(kind));
            }
        }
    }

    private static void Put(int kind)
    {
        TextScreen.SetAttribute(Colour(kind));
        TextScreen.Write(OnScreen(kind));
        TextScreen.SetAttribute(TextScreen.Normal);
        SerialPort.Write(OnSerial(kind));
    }

    private static void Address(ulong address)
    {
        for (int shift = 28; shift >= 0; shift -= 4)
        {
            Terminal.Write((byte)"0123456789abcdef"[(int)(address >> shift) & 15]);
        }

        Terminal.Write((byte)' ');
    }

    private static byte OnSerial(int kind) => (byte)" .#sLp"[kind];

    // Code page 437: a dot in the middle, a full block.
    private static byte OnScreen(int kind) => kind == Hole ? (byte)' ' : kind == Free ? (byte)0xfa : (byte)0xdb;

    private static byte Colour(int kind) => (byte)(
        kind == Free ? 0x08 : kind == Reserved ? 0x04 : kind == Slabs ? 0x0a : kind == Large ? 0x0b : kind == Pages ? 0x0e : 0x00);

    /// <summary>Fills the cells. O(blocks + reserved pages).</summary>
    private static void Measure()
    {
        PageAllocator* pages = &KernelState.Memory->Pages;
        uint end = pages->EndPfn;
        pages->ReturnRecent();
        s_pagesPerCellShift = 0;
        while ((end - 1) >> (int)s_pagesPerCellShift >= Columns * MostRows)
        {
            s_pagesPerCellShift++;
        }

        s_count = (int)(((end - 1) >> (int)s_pagesPerCellShift) + 1);
        uint* counts = stackalloc uint[Kinds];
        uint pfn = 0;
        uint blockEnd = 0;
        int kind = Hole;
        for (int i = 0; i < s_count; i++)
        {
            for (int k = 0; k < Kinds; k++)
            {
                counts[k] = 0;
            }

            uint cellEnd = (uint)(i + 1) << (int)s_pagesPerCellShift;
            cellEnd = cellEnd < end ? cellEnd : end;
            while (pfn < cellEnd)
            {
                if (pfn >= blockEnd)
                {
                    blockEnd = NextBlock(pages, pfn, out kind);
                }

                uint until = blockEnd < cellEnd ? blockEnd : cellEnd;
                counts[kind] += until - pfn;
                pfn = until;
            }

            int most = counts[Free] != 0 ? Free : Hole;
            uint used = 0;
            for (int k = Reserved; k < Kinds; k++)
            {
                if (counts[k] > used)
                {
                    used = counts[k];
                    most = k;
                }
            }

            s_cells.Kind[i] = (byte)most;
        }
    }

    private static uint NextBlock(PageAllocator* pages, uint pfn, out int kind)
    {
        PageState state = pfn < PageAllocator.DmaEndPfn ? pages->Dma.BlockAt(pfn, out uint order) : pages->Dma32.BlockAt(pfn, out order);
        if (state == PageState.Free)
        {
            kind = Free;
        }
        else if (state == PageState.Allocated)
        {
            uint bytes = KernelState.Memory->Heap.OwnedBytes(pfn) | KernelState.Memory->Raw.OwnedBytes(pfn);
            kind = bytes == 0 ? Pages : bytes > SizeClass.LargestBytes ? Large : Slabs;
        }
        else
        {
            kind = IsRam(pfn) ? Reserved : Hole;
        }

        return pfn + (1u << (int)order);
    }

    private static bool IsRam(uint pfn)
    {
        UsableRam* ram = &KernelState.Boot->Books.Ram;
        for (int i = 0; i < ram->Count; i++)
        {
            if (pfn >= ram->FirstPfn(i) && pfn < ram->LastPfn(i))
            {
                return true;
            }
        }

        return false;
    }

    private struct Cells
    {
        internal fixed byte Kind[Columns * MostRows];
    }
}
