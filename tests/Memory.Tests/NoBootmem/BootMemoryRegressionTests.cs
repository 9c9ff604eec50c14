using CosmosBootAlloc.Memory.Physical;
using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Bootmem;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.NoBootmem;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.NoBootmem;

/// <summary>
/// The regressions of 2.6.34-rc and their relatives, as far as they concern boot allocations and the hand-over, by the numbers of the
/// facts page; and its quirks 4 to 6, where the right thing is done instead. Each runs on both variants where both have the case.
/// </summary>
public sealed unsafe class BootMemoryRegressionTests
{
    private const ulong MiB16 = 0x1000000;
    private const ulong GiB4 = 0x100000000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression01_AGoalAboveAllMemoryIsDropped(bool bitmap)
    {
        //  RAM  [1,9f)  [100,800)        goals at 8 MiB (its very end), 16 MiB, 4 GiB, 2^64-1
        // Expect memory from below, not nothing.
        using BootMachine machine = Boot(bitmap, (1, 0x9f), (0x100, 0x800));
        foreach (ulong goal in new ulong[] { 0x800000, MiB16, GiB4, ulong.MaxValue })
        {
            ulong address = bitmap
                ? machine.Bitmap->TryAllocate(0x100, 0x40, goal, 0)
                : machine.Direct->TryAllocate(0x100, 0x40, goal, NoBootmemAllocator.NoLimit);
            Assert.InRange(address, 0x1000u, 0x9effful);
            address = bitmap ? machine.Bitmap->Allocate(0x100, 0x40, goal) : machine.Direct->Allocate(0x100, 0x40, goal);
            Assert.InRange(address, 0x1000u, 0x9effful);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression02_OutOfMemoryIsAPanicAtOnceAndSaysHowMuchWasWanted(bool bitmap)
    {
        using BootMachine machine = Boot(bitmap, (1, 0x9f));
        machine.Host.Log.Clear();
        string message = machine.Stops(m => _ = bitmap ? m.Bitmap->Allocate(0x100000, 1, MiB16) : m.Direct->Allocate(0x100000, 1, MiB16));
        Assert.Equal("Out of memory", message);
        Assert.Equal("bootmem alloc of 1048576 bytes failed!", Assert.Single(machine.Host.Log));
        message = machine.Stops(m => _ = bitmap ? m.Bitmap->AllocateLow(0x100000, 1, 0) : m.Direct->AllocateLow(0x100000, 1, 0));
        Assert.Equal("Out of memory", message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression03_TheTableOfPagesLeavesLowMemoryAlone(bool bitmap)
    {
        //  0          16 MiB                          2 GiB
        //  | DMA      | [table of 4 MiB] ...          |       goal 16 MiB
        // Expect the table above 16 MiB, and at the end not a page of DMA missing but page 0 and the hole.
        using BootMachine machine = Boot(bitmap, (1, 0x9f), (0x100, 0x80000));
        ulong bytes = PageAllocator.MetadataBytes(machine.EndPfn);
        ulong table = bitmap ? machine.Bitmap->Allocate(bytes, 0x1000, MiB16) : machine.Direct->Allocate(bytes, 0x1000, MiB16);
        Assert.Equal(MiB16, table);
        machine.Memory->Pages.Init(&machine.Memory->Log, &machine.Memory->Physical, table, machine.EndPfn);
        machine.HandOver(bitmap);
        Assert.Equal(0x9eu + 0xf00u, machine.Memory->Pages.Dma.FreePages);
        Assert.Equal(0x7f000u - (bytes >> 12), machine.Memory->Pages.Dma32.FreePages);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression05_APageSharedByTwoOwnersStaysReserved(bool bitmap)
    {
        //  0x200       0x201       0x202       0x203  | [ initrd  |           |   ] [ x ] |         the initrd ends in the middle of page
        // 0x202; x is somebody else's Expect only page 0x201 when the initrd is freed, early or late.
        using BootMachine machine = Boot(
            bitmap,
            reservations: m => m.Reserve((0x200800, 0x202800, "RAMDISK"), (0x202900, 0x202910, "x")),
            (1, 0x400));
        if (bitmap)
        {
            machine.Bitmap->Free(0x200800, 0x2000);
            Assert.Equal("2-200 201-202 203-400", machine.FreeRuns());
        }
        else
        {
            machine.SetUpPages();
            machine.HandOver(bitmap);
            Assert.Equal(0x3ff - 3u, machine.Memory->Pages.FreePageCount);
            PageRuns runs = default;
            runs.Init(&machine.Memory->Pages, &PageAllocator.Receive);
            NoBootmemAllocator.HandOverLate(0x200800, 0x2000, &runs);
            Assert.Equal(1u, runs.Pages);
            Assert.Equal(0x3ff - 2u, machine.Memory->Pages.FreePageCount);
            Assert.Equal(PageState.Reserved, machine.Memory->Pages.StateOf(0x200, out _, out _));
            Assert.Equal(PageState.Reserved, machine.Memory->Pages.StateOf(0x202, out _, out _));
        }
    }

    [Fact]
    public void Regression05_ATailOfAFreedPageIsNotGivenToTwoOwners()
    {
        //  1       2       3       4  [a a a a a a ]  |              a ends in page 2; its pages are freed whole; b asks for page 3 Expect
        // b to start in the tail of page 2, as in Linux, and page 2 to be reserved with it, unlike there.
        using BootMachine machine = new();
        machine.SetUpNode(0, 0, 0x100);
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(0x1800, 1, 0));
        machine.Bitmap->Free(0x1000, 0x2000);
        Assert.Equal(0x2800u, machine.Bitmap->Allocate(0x1000, 1, 0x3000));
        Assert.Equal("1-2 4-100", machine.FreeRuns());
        Assert.Equal(0x4000u, machine.Bitmap->Allocate(0x2000, 0x1000, 0x1000));
    }

    [Theory]
    [InlineData(0x5000UL)]
    [InlineData(0x5800UL)]
    public void Regression07_AZeroSizedFreeDoesNothingAndReturns(ulong address)
    {
        using BootMachine machine = new();
        machine.SetUpNode(0, 0, 0x100);
        Assert.True(machine.Bitmap->Reserve(0x5000, 0x2000, true));
        machine.Bitmap->Free(address, 0);
        Assert.Equal("1-5 7-100", machine.FreeRuns());
        PageRuns runs = default;
        runs.Init(null, null);
        BootmemAllocator.HandOverLate(address, 0, &runs);
        Assert.Equal(0u, runs.Pages);

        using BootMachine direct = Boot(bitmap: false, (1, 0x100));
        Assert.Equal(0x1000u, direct.Direct->Allocate(0x10000, 1, 0));
        Assert.Equal($"free_early on not reserved area: {address:x}-{address - 1:x}!", direct.Stops(m => m.Direct->Free(address, 0)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Regression08_ANodeWhoseFirstPagesAreNoRamBoots(bool bitmap)
    {
        //  0              0x3000      0x3400
        //  | nothing      | RAM       |             no RAM below 48 MiB, the DMA zone is empty
        // Expect allocations and the hand-over to work, and a wish for DMA to find nothing.
        using BootMachine machine = Boot(bitmap, (0x3000, 0x3400));
        ulong address = bitmap ? machine.Bitmap->Allocate(8, 8, 0) : machine.Direct->Allocate(8, 8, 0);
        Assert.InRange(address, 0x3000000u, 0x3400000u);
        PageAllocator* pages = machine.SetUpPages();
        Assert.Equal(0x3ffu, machine.HandOver(bitmap));
        Assert.Equal(PageAllocator.None, pages->AllocatePages(0, ZoneType.Dma));
        Assert.InRange(pages->AllocatePages(0), 0x3000u, 0x33ffu);
        Assert.Equal(PageAllocator.None, pages->FindFault());
    }

    [Fact]
    public void Regression11_CountsOfPagesDoNotFitAnInt()
    {
        //  [1, 2^34) pages, 64 TiB, without a receiver. Expect 2^34 - 1 pages, in 64-bit counts all the way.
        using BootMachine machine = new();
        machine.Memory->Active.Add(1, 1UL << 34);
        Assert.Equal((1UL << 34) - 1, machine.HandOver(bitmap: false));
        Assert.Equal("1 0 63; 40 6 268435455", machine.Rows());
        Assert.Equal(1UL << 32, BootmemAllocator.BitmapBytes(1UL << 35));
        Assert.Equal(1UL << 34, PageAllocator.MetadataBytes(1UL << 31));
    }

    [Fact]
    public void Regression11_ABitmapOfMoreThanTwoGibibytesOfMemoryIsSearchedToItsEnd()
    {
        //  0                          12 GiB
        //  | 3 * 2^20 pages           |          one allocation of 8 GiB - 1 MiB, larger than any int
        using BootMachine machine = new();
        machine.Bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, 0x300000, 0, 0x300000);
        machine.Bitmap->FreePages(0x100000, 0x300000);
        Assert.Equal(PhysicalAddress.None, machine.Bitmap->TryAllocate(0x200000001000, 0x1000, 0, 0));
        Assert.True(machine.Bitmap->Reserve(0x100000000, 0x1ffeff000, true));
        Assert.Equal("2ffeff-300000", machine.FreeRuns());
        Assert.Equal(0x2ffeff000u, machine.Bitmap->Allocate(8, 8, 0));
    }

    [Fact]
    public void Regression12_TheBitmapKeepsOutOfTheCrashKernelAndOnlyItsOwnPagesAreGivenBack()
    {
        //  0     1        3           0x103               0x8000  |     | 2 free | crash     | free              |     bitmap of 0x8000
        // pages: 0x1000 bytes, one page  |     | 1 free | crash ...                           and of 0x10000 pages: two pages, too many for
        // the hole
        foreach (ulong endPfn in new[] { 0x8000UL, 0x10000UL })
        {
            ulong crash = endPfn == 0x8000 ? 3UL : 2UL;
            using BootMachine machine = Boot(
                bitmap: true,
                reservations: m => m.Reserve((crash << 12, 0x103000, "CRASH KERNEL")),
                (1, endPfn));
            ulong mapPages = machine.Bitmap->MapPages;
            Assert.Equal(endPfn == 0x8000 ? 1UL : 0x103, machine.Bitmap->MapPfn);
            Assert.Equal(endPfn == 0x8000 ? 1UL : 2, mapPages);
            machine.SetUpPages();
            Assert.Equal(endPfn - 1 - (0x103 - crash), machine.HandOver(bitmap: true));
            for (ulong pfn = crash; pfn < 0x103; pfn++)
            {
                Assert.Equal(PageState.Reserved, machine.Memory->Pages.StateOf((uint)pfn, out _, out _));
            }

            Assert.Equal(PageState.Free, machine.Memory->Pages.StateOf((uint)machine.Bitmap->MapPfn, out _, out _));
            Assert.Equal(PageState.Free, machine.Memory->Pages.StateOf((uint)(machine.Bitmap->MapPfn + mapPages), out _, out _));
        }
    }

    [Theory]
    [InlineData(true, 0xfffUL)]
    [InlineData(true, 0x1000UL)]
    [InlineData(true, 0x1001UL)]
    [InlineData(true, 0x100000UL)]
    [InlineData(false, 0xfffUL)]
    [InlineData(false, 0x1000UL)]
    [InlineData(false, 0x1001UL)]
    [InlineData(false, 0x100000UL)]
    public void Regression13_RamMayEndAtAZoneBorderOrAtFourGibibytes(bool bitmap, ulong endPfn)
    {
        //  RAM up to 16 MiB - 1 page, 16 MiB, 16 MiB + 1 page, 4 GiB with a hole [0xc0000, 0xf0000) below.
        (ulong, ulong)[] ram = endPfn == 0x100000 ? [(1, 0xc0000), (0xf0000, endPfn)] : [(1, endPfn)];
        ulong pages = endPfn == 0x100000 ? endPfn - 1 - 0x30000 : endPfn - 1;
        using BootMachine machine = Boot(bitmap, ram);
        PageAllocator* allocator = machine.SetUpPages();
        Assert.Equal(pages, machine.HandOver(bitmap));
        Assert.Equal(Math.Min(pages, 4095), allocator->Dma.FreePages);
        Assert.Equal(pages - Math.Min(pages, 4095), allocator->Dma32.FreePages);
        Assert.Equal(PageState.Free, allocator->StateOf((uint)(endPfn - 1), out uint head, out uint order));
        Assert.Equal(endPfn, head + (1UL << (int)order));
        Assert.Equal(PageAllocator.None, allocator->FindFault());
    }

    [Fact]
    public void Quirk4_NoRangeIsLostForWantOfSlots()
    {
        //  eight ranges of 16 pages, each cut in two by a reservation: 16 pieces, just as many as Linux has slots for; a list with no
        //  slot left counts as empty there. Expect 8 * 15 pages; and 7 * 15 + 2 * 16 pages with 9 ranges and 7 reservations.
        foreach ((int ranges, int reserved) in new[] { (8, 8), (9, 7), (40, 1) })
        {
            List<(ulong, ulong)> ram = [];
            for (ulong i = 0; i < (ulong)ranges; i++)
            {
                ram.Add((0x10 + i * 0x20, 0x20 + i * 0x20));
            }

            using BootMachine machine = new([.. ram]);
            for (ulong i = 0; i < (ulong)reserved; i++)
            {
                machine.Reservations->Reserve((0x18 + i * 0x20) << 12, (0x19 + i * 0x20) << 12, "cut");
            }

            machine.SetUpDirect();
            Assert.Equal((ulong)(ranges * 16 - reserved), machine.HandOver(bitmap: false));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Quirk5_AMovedTableIsNotWrittenOnceItsPageIsFree(bool bitmap)
    {
        // 30 reservations move the table. Whoever receives its page fills it. Expect the filling to be there at the end.
        using BootMachine machine = Boot(bitmap, reservations: m => m.ReserveMany(30), (1, 0x200));
        machine.SetUpPages();
        if (bitmap)
        {
            Assert.Equal(0, machine.Reservations->Count);
        }

        bool received = false;
        machine.OnRun = (start, end) =>
        {
            for (ulong pfn = start; pfn < end; pfn++)
            {
                received |= pfn == 1;
                new Span<byte>(machine.Memory->Physical.At(pfn << 12), 4096).Fill(0xcc);
            }
        };
        machine.HandOver(bitmap);
        Assert.True(received);
        Assert.Equal(-1, new Span<byte>(machine.Memory->Physical.At(0x1000), 4096).IndexOfAnyExcept((byte)0xcc));
    }

    [Fact]
    public void Quirk6_TheLastFullWordGoesPageByPageAndStillMergesWhole()
    {
        // 128 pages, the first 64 and the bitmap reserved: single pages in the rows, one block of 64 in the buddy.
        using BootMachine machine = new((0, 0x80));
        machine.SetUpPages();
        machine.Bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, 0, 0, 0x80);
        machine.Bitmap->FreePages(0x40, 0x80);
        machine.HandOver(bitmap: true);
        Assert.Equal("40 0 64; 0 0 1", machine.Rows());
        Assert.Equal(1u, machine.Memory->Pages.Dma.FreeBlocks(6));
        Assert.Equal(1u, machine.Memory->Pages.Dma.FreeBlocks(0));
    }

    private static BootMachine Boot(bool bitmap, params (ulong, ulong)[] ram) => Boot(bitmap, _ => { }, ram);

    private static BootMachine Boot(bool bitmap, Action<BootMachine> reservations, params (ulong, ulong)[] ram)
    {
        BootMachine machine = new(ram);
        reservations(machine);
        if (bitmap)
        {
            machine.SetUpBitmap();
        }
        else
        {
            machine.SetUpDirect();
        }

        return machine;
    }
}
