using Xunit;

namespace CosmosBootAlloc.Memory.Tests.NoBootmem;

/// <summary>Boot memory without a bitmap: what we do in the two recorded traces where Linux loses memory.</summary>
public sealed class NoBootmemTraceTests
{
    /// <summary>Linux's scratch list is too short here, and nothing is freed.</summary>
    private const string TooManyRanges = "060.trace";

    /// <summary>Without a reservation the list has no slot at all.</summary>
    private const string NoReservation = "062.trace";

    [Fact]
    public void Trace060HandsOverEveryActiveRangeWhereLinuxHandsOverNothing()
    {
        //  active        [1,9f)   [100,200)   [300,400)   [500,600)   [700,1000)  reserved               [100,180) Five pieces, and Linux
        // has two slots for them. Expect all 0x9e + 0x80 + 0x100 + 0x100 + 0x900 pages.
        const string Expected =
            """
            zone 0x0 0x1000
            free_all
            > Subtract (1 early reservations)
            >   #0 [0000100000 - 0000180000]   TEXT DATA BSS
            - 0x1 0 63
            - 0x40 6 1
            - 0x80 0 31
            - 0x180 6 2
            - 0x300 6 4
            - 0x500 6 4
            - 0x700 6 36
            = 3102
            counts
            = 2 2 2 2 2 1 1 1 3 0 2

            """;
        Assert.EndsWith(Expected, TraceFiles.Replay(TraceFiles.Read("nobootmem", TooManyRanges)));
    }

    [Fact]
    public void Trace062HandsOverEverythingWhereLinuxHandsOverNothing()
    {
        //  active  [1,9f)   [100,1000)    nothing reserved
        const string Expected =
            """
            zone 0x0 0x1000
            free_all
            > Subtract (0 early reservations)
            - 0x1 0 63
            - 0x40 6 1
            - 0x80 0 31
            - 0x100 6 60
            = 3998
            counts
            = 2 2 2 2 2 1 1 0 1 1 3

            """;
        Assert.EndsWith(Expected, TraceFiles.Replay(TraceFiles.Read("nobootmem", NoReservation)));
    }

    [Fact]
    public void FreeRangesListsWhatWouldBeFreedAndReservesNothing()
    {
        // Two reservations: Linux's scratch list has 4 entries of 16 bytes, found at the first free bytes. Expect the same list twice.
        const string Trace =
            """
            trace nobootmem 1
            add 0x1000 0x9e000 ram
            add 0x100000 0x100000 ram
            mapped 0x200
            reserve 0x1000 0x1008 a
            reserve 0x180000 0x180001 b
            initmem 0x200
            free_ranges
            > Subtract (2 early reservations)
            >   #0 [0000001000 - 0000001008]               a
            >   #1 [0000180000 - 0000180001]               b
            - 0x2 0x9f
            - 0x100 0x180
            - 0x181 0x200
            = 3 0x1010
            free_ranges
            > Subtract (2 early reservations)
            >   #0 [0000001000 - 0000001008]               a
            >   #1 [0000180000 - 0000180001]               b
            - 0x2 0x9f
            - 0x100 0x180
            - 0x181 0x200
            = 3 0x1010
            res
            - 0 0x1000 0x1008 0 a
            - 1 0x180000 0x180001 0 b
            = 2 32
            free_all
            > Subtract (2 early reservations)
            >   #0 [0000001000 - 0000001008]               a
            >   #1 [0000180000 - 0000180001]               b
            - 0x2 0 62
            - 0x40 6 1
            - 0x80 0 31
            - 0x100 6 2
            - 0x181 0 63
            - 0x1c0 6 1
            = 412
            res
            = 0 0

            """;
        Assert.Equal(Trace, TraceFiles.Replay(Trace));
    }
}
