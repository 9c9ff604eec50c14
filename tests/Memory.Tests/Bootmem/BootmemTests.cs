using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Bootmem;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Bootmem;

/// <summary>The bitmap by behavior: search, hint, tails, limits, reservations, contracts, the hand-over's cuts.</summary>
public sealed unsafe class BootmemTests
{
    private const ulong None = PhysicalAddress.None;

    [Fact]
    public void SmallAllocationsShareThePageThatTheLastOneEndedIn()
    {
        //  page 1                                  page 2
        //  [64][64][ 0x100 aligned ]........       [
        // Expect the second right behind the first, the third aligned, all in page 1.
        using BootMachine machine = Node();
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(64, 64, 0));
        Assert.Equal(0x1040u, machine.Bitmap->Allocate(64, 64, 0));
        Assert.Equal(0x1100u, machine.Bitmap->Allocate(8, 0x100, 0));
        Assert.Equal("2-100", machine.FreeRuns());
        Assert.Equal(0x1108u, machine.Bitmap->LastEndOffset);
        Assert.Equal(3u, machine.Bitmap->Allocations);
    }

    [Fact]
    public void ATailIsLeftWhenThePageBehindItIsTaken()
    {
        //  1 [64 bytes  tail]   2 [     ]   3 [      ]
        // Expect the tail to be continued while page 2 is free, not once it is reserved: Linux joins only a run that begins there.
        using BootMachine machine = Node();
        ulong first = machine.Bitmap->Allocate(64, 64, 0);
        ulong second = machine.Bitmap->Allocate(64, 64, 0);
        Assert.Equal(first + 64, second);
        ulong next = (first & ~0xfffUL) + 0x1000;
        Assert.True(machine.Bitmap->Reserve(next, 0x1000, exclusive: true));
        Assert.Equal(next + 0x1000, machine.Bitmap->Allocate(64, 64, 0));
        Assert.Equal(3u, machine.Bitmap->Allocations);
    }

    [Fact]
    public void AnAllocationThatFillsThePageEndsItsTail()
    {
        // Expect the last 64 bytes of the page, then the next page's first ones; and neither a byte more nor a larger alignment there.
        using BootMachine machine = Node();
        ulong first = machine.Bitmap->Allocate(0xfc0, 64, 0);
        Assert.Equal(first + 0xfc0, machine.Bitmap->Allocate(64, 64, 0));
        ulong second = machine.Bitmap->Allocate(64, 64, 0);
        Assert.Equal(first + 0x1000, second);
        Assert.Equal(second + 0x800, machine.Bitmap->Allocate(0x7ff, 0x800, 0));
        Assert.Equal(second + 0x1000, machine.Bitmap->Allocate(64, 0x1000, 0));
    }

    [Fact]
    public void ATailIsOnlyContinuedIntoThePageBehindIt()
    {
        //  1       2       3       8
        //  [aa     |       | ...   [bb    ]     a ends in page 1; the next request must start at page 8
        using BootMachine machine = Node();
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(0x10, 1, 0));
        Assert.Equal(0x8000u, machine.Bitmap->Allocate(0x10, 1, 0x8000));
        Assert.Equal(0x8010u, machine.Bitmap->Allocate(0x10, 1, 0));
    }

    [Fact]
    public void TheHintMovesOnAndAFreeBelowBringsItBack()
    {
        using BootMachine machine = Node();
        ulong first = machine.Bitmap->Allocate(0x3000, 0x1000, 0);
        Assert.Equal(0x1000u, first);
        Assert.Equal(0x4000u, machine.Bitmap->Allocate(0x1000, 0x1000, 0));
        Assert.Equal(5u, machine.Bitmap->Hint);
        machine.Bitmap->Free(first, 0x3000);
        Assert.Equal(1u, machine.Bitmap->Hint);
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(0x1000, 0x1000, 0));
    }

    [Fact]
    public void WhatLiesBelowTheHintIsFoundInASecondSearch()
    {
        //  1        0x80     0xfe 0x100
        //  |  free  |  used  ..   |         hint at 0x100 after the last page was taken by goal
        using BootMachine machine = Node();
        Assert.Equal(0xff000u, machine.Bitmap->Allocate(0x1000, 0x1000, 0xff000));
        Assert.Equal(0x100u, machine.Bitmap->Hint);
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(0x1000, 0x1000, 0));
    }

    [Fact]
    public void AGoalIsTruncatedToItsPageAndALimitToo()
    {
        using BootMachine machine = Node();
        Assert.Equal(0x20000u, machine.Bitmap->AllocateOnce(0x1000, 1, 0x20fff, 0x30000));
        Assert.Equal(0x21000u, machine.Bitmap->AllocateOnce(0xe000, 1, 0x21000, 0x2ffff));
        Assert.Equal(None, machine.Bitmap->AllocateOnce(0xf000, 1, 0x20000, 0x2f000));
    }

    [Fact]
    public void ALimitBelowAPageIsNoneForOneAttemptAndLeavesNothingOtherwise()
    {
        using BootMachine machine = Node();
        Assert.Equal(0x1000u, machine.Bitmap->AllocateOnce(8, 1, 0, 0xfff));
        Assert.Equal(None, machine.Bitmap->TryAllocate(8, 1, 0, 0xfff));
        Assert.Equal(None, machine.Bitmap->AllocateOnce(8, 1, 0, 0x1000));
    }

    [Fact]
    public void AlignmentCountsFromAddressZeroNotFromTheNode()
    {
        //  node 0x43..0x143. Expect 64 KiB alignment at 0x50000, the first multiple in the node.
        using BootMachine machine = new();
        machine.SetUpNode(0x43, 0x43, 0x143);
        Assert.Equal(0x50000u, machine.Bitmap->Allocate(0x1000, 0x10000, 0));
        Assert.Equal(0x60000u, machine.Bitmap->Allocate(0x1000, 0x10000, 0));
        Assert.Equal(None, machine.Bitmap->TryAllocate(0x1000, 0x200000, 0, 0));
        Assert.Equal(None, machine.Bitmap->TryAllocate(1, 1UL << 63, 0, 0));
    }

    [Fact]
    public void MemoryHandedOutIsZero()
    {
        using BootMachine machine = Node();
        *(ulong*)machine.Memory->Physical.At(0x1038) = 0x1234;
        *(ulong*)machine.Memory->Physical.At(0x1040) = 0x5678;
        Assert.Equal(0x1000u, machine.Bitmap->Allocate(64, 1, 0));
        Assert.Equal(0UL, *(ulong*)machine.Memory->Physical.At(0x1038));
        Assert.Equal(0x5678UL, *(ulong*)machine.Memory->Physical.At(0x1040));
    }

    [Fact]
    public void APartOfAPageIsReservedWholeAndNeverFreed()
    {
        //  0x10000     0x11000     0x12000     0x13000  |      [####|###########|###]       |        reserve [0x10800, 0x12800): three
        // pages; free the same: only the middle one
        using BootMachine machine = Node();
        Assert.True(machine.Bitmap->Reserve(0x10800, 0x2000, false));
        Assert.Equal("1-10 13-100", machine.FreeRuns());
        machine.Bitmap->Free(0x10800, 0x2000);
        Assert.Equal("1-10 11-12 13-100", machine.FreeRuns());
    }

    [Fact]
    public void AFailedExclusiveReservationChangesNothingButTheHint()
    {
        //  0x10   0x14   0x18   0x1c  [ ours ]...[ exclusive ]          0x16 is taken. Expect 0x14-0x16 free as before (quirk 6 on the
        // facts page).
        using BootMachine machine = Node();
        Assert.True(machine.Bitmap->Reserve(0x10000, 0x4000, true));
        Assert.True(machine.Bitmap->Reserve(0x16000, 1, true));
        Assert.Equal(0x20000u, machine.Bitmap->Allocate(1, 1, 0x20000));
        Assert.False(machine.Bitmap->Reserve(0x14000, 0x4000, true));
        Assert.Equal("1-10 14-16 17-20 21-100", machine.FreeRuns());
        Assert.Equal(0x14u, machine.Bitmap->Hint);
        Assert.True(machine.Bitmap->Reserve(0x14000, 0x4000, false));
        Assert.Equal("1-10 18-20 21-100", machine.FreeRuns());
    }

    public static TheoryData<string, string> BrokenContracts() => new()
    {
        {
            "size",
            "BUG: bootmem alloc of 0 bytes, align 40, goal 0, limit 0: needs a size, a power of two, and goal + size within the limit"
        },
        {
            "align",
            "BUG: bootmem alloc of 8 bytes, align 3, goal 0, limit 0: needs a size, a power of two, and goal + size within the limit"
        },
        {
            "limit",
            "BUG: bootmem alloc of 2 bytes, align 1, goal fff, limit 1000: needs a size, a power of two, and goal + size within the limit"
        },
        {
            "wrap",
            "BUG: bootmem alloc of 2 bytes, align 1, goal ffffffffffffffff, limit 1000: "
                + "needs a size, a power of two, and goal + size within the limit"
        },
        { "twice", "BUG: bootmem free of 10-20: page 10 is free already" },
        { "half", "BUG: bootmem free of 0-8: page 1 is free already" },
        { "below", "BUG: bootmem free of 3f-41 outside the node 40-80" },
        { "above", "BUG: bootmem free of 7f-81 outside the node 40-80" },
        { "end", "BUG: bootmem free of 80-80 outside the node 40-80" },
        { "reserve", "BUG: bootmem reservation of 7f-81 past the end of the node 40-80" },
        { "reserve below", "BUG: bootmem reservation of 3f-41 outside the node 40-80" },
        { "huge", "BUG: bootmem reservation of 50-10000000000000 past the end of the node 40-80" },
        { "node", "BUG: bootmem node 2-1: needs start <= end and at most ffffff00 pages" },
    };

    [Theory]
    [MemberData(nameof(BrokenContracts))]
    public void ABrokenContractIsABugThatNamesTheValues(string what, string message)
    {
        using BootMachine machine = Node();
        BootmemAllocator* bitmap = machine.Bitmap;
        Assert.Equal(message, machine.Stops(_ =>
        {
            switch (what)
            {
                case "size": bitmap->TryAllocate(0, 0x40, 0, 0); break;
                case "align": bitmap->TryAllocate(8, 3, 0, 0); break;
                case "limit": bitmap->AllocateOnce(2, 1, 0xfff, 0x1000); break;
                case "wrap": bitmap->AllocateOnce(2, 1, ulong.MaxValue, 0x1000); break;
                case "twice": bitmap->Free(0x10000, 0x10000); break;
                case "half": bitmap->Free(0, 0x8000); break;
                case "node": bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, 0, 2, 1); break;
                default:
                    machine.SetUpNode(0x40, 0x40, 0x80);
                    switch (what)
                    {
                        case "below": bitmap->Free(0x3f000, 0x2000); break;
                        case "above": bitmap->Free(0x7f000, 0x2000); break;
                        case "end": bitmap->Free(0x80000, 0); break;
                        case "reserve": bitmap->Reserve(0x7f000, 0x2000, false); break;
                        case "reserve below": bitmap->Reserve(0x3f000, 0x2000, false); break;
                        case "huge": bitmap->Reserve(0x50000, ulong.MaxValue, false); break;
                    }

                    break;
            }
        }));
    }

    [Theory]
    [InlineData(0x0UL, 0x80UL, "40 0 64; 0 0 1")]
    [InlineData(0x0UL, 0x81UL, "40 6 1; 80 0 1; 0 0 1")]
    [InlineData(0x0UL, 0xc0UL, "40 6 1; 80 0 64; 0 0 1")]
    [InlineData(0x20UL, 0xe0UL, "60 0 128; 20 0 1")]
    [InlineData(0x40UL, 0x100UL, "80 6 1; c0 0 64; 40 0 1")]
    public void WholeWordsGoAsBlocksOfSixtyFourButTheLast(ulong start, ulong end, string rows)
    {
        // The first 64 pages stay reserved, the bitmap in the first of them; the rest is free.
        // Expect blocks only when the node starts at a multiple of 64, and never for the word that ends the node.
        using BootMachine machine = new();
        machine.Bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, start, start, end);
        machine.Bitmap->FreePages(start + 0x40, end);
        Assert.Equal(end - start - 0x40 + 1, machine.HandOver(bitmap: true));
        Assert.Equal(rows, machine.Rows());
    }

    [Fact]
    public void TheBitmapsPagesJoinTheRunThatEndsAtThem()
    {
        //  0         0x10   0x11
        //  |  free   | map  |          Expect one run of 17 single pages.
        using BootMachine machine = new();
        machine.SetUpNode(0x10, 0, 0x11);
        Assert.Equal(0x11u, machine.HandOver(bitmap: true));
        Assert.Equal("0 0 17", machine.Rows());
    }

    [Fact]
    public void ANodeWithoutPagesHasNothing()
    {
        using BootMachine machine = new();
        machine.Bitmap->Init(&machine.Memory->Log, &machine.Memory->Physical, 0, 5, 5);
        Assert.Equal(None, machine.Bitmap->TryAllocate(1, 1, 0, 0));
        Assert.Equal(0u, machine.HandOver(bitmap: true));
        Assert.Equal("", machine.Rows());
    }

    [Fact]
    public void NoRoomForTheBitmapIsAPanic()
    {
        using BootMachine machine = new((1, 0x100));
        machine.Reservations->Reserve(0, 0x100000, "everything");
        Assert.Equal("Cannot find bootmem map of size 4096", machine.Stops(m => m.SetUpBitmap()));
    }

    /// <summary>Pages 1..0xff free, the bitmap in page 0.</summary>
    private static BootMachine Node()
    {
        BootMachine machine = new();
        machine.SetUpNode(0, 0, 0x100);
        return machine;
    }
}
