using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Bootmem;

/// <summary>Cases of the bitmap beyond the recorded traces.</summary>
public sealed unsafe class BootmemTraceTests
{
    [Fact]
    public void LateFreesAreRowsOfSinglePages()
    {
        // 0x5800..0x9400: page 5 and page 9 are only touched. Expect 6, 7, 8; and nothing for less than a page.
        const string Trace =
            "trace bootmem 1\nzone 0x0 0x10\nfree_late 0x5800 0x3c00\n- 0x6 0 3\nfree_late 0x4001 0xfff\ncounts\n= 1 1 0 0 0 0 0 0 0 0 0\n";
        Assert.Equal(Trace, TraceFiles.Replay(Trace));
    }

    [Fact]
    public void AMovedTableTakesNoPartInTheHandOverToTheBitmap()
    {
        // 29 reservations move the table; its own is number 0. Expect the listing to start at #1, and the page of the table free.
        using BootMachine machine = new((1, 0x100));
        machine.ReserveMany(30);
        machine.Host.Log.Clear();
        machine.SetUpBitmap();
        Assert.Equal("(31/64 early reservations) ==> bootmem [0000000000 - 0000100000]", machine.Host.Log[0]);
        Assert.Equal("  #1 [0000080000 - 0000080001]         one byte ==> [0000080000 - 0000080001]", machine.Host.Log[1]);
        Assert.Equal("  #31 [0000002000 - 0000003000]          BOOTMAP ==> [0000002000 - 0000003000]", machine.Host.Log[^1]);
        Assert.Equal("1-2 3-80 9e-100", machine.FreeRuns());
    }
}
