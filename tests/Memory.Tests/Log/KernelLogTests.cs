using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Log;

/// <summary>The formatter that every log line goes through.</summary>
public sealed unsafe class KernelLogTests
{
    [Fact]
    public void FormatsTheFormsThatLinuxBootMessagesUse()
    {
        using HostMachine machine = new();
        machine.Memory->Log.Print("%016x - %x|%5d|%3d|%c%%\n", 0x9fc00, ulong.MaxValue, 42, 12345, 'z');
        Assert.Equal("000000000009fc00 - ffffffffffffffff|   42|12345|z%", Assert.Single(machine.Log));
    }

    // Expect nothing in bytes from outside to move a cursor, end a line, or end a quoted value early; held or written at once.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BytesFromOutsideAreSafe(bool hold)
    {
        using Held held = new();
        if (!hold)
        {
            held.Log->Release();
        }

        fixed (byte* text = "a\x1b[31m\r\n\"b\"\\\x7f\0"u8)
        {
            held.Log->Print("x=\"%q\"\n", (ulong)text);
            held.Log->Bytes(text, 0);
            held.Log->Print(" %s\n", (ulong)text);
            held.Log->Release();
        }

        const string escaped = """a\x1b[31m\x0d\x0a"b"\\x7f""";
        Assert.Equal(["x=\"" + """a\x1b[31m\x0d\x0a\"b\"\\\x7f""" + "\"", escaped + " " + escaped], held.Machine.Log);
    }

    [Fact]
    public void CutsAnOverlongLineAndSaysSo()
    {
        using HostMachine machine = new();
        machine.Memory->Log.Print("%09000d\n", 7);
        string line = Assert.Single(machine.Log);
        Assert.Equal(KernelLog.LineCapacity, line.Length);
        Assert.EndsWith("0...", line);
    }

    [Fact]
    public void APanicCarriesItsMessageAndDropsTheUnfinishedLine()
    {
        using HostMachine machine = new();
        machine.Memory->Log.Text("half a line");
        KernelPanicException panic = Assert.Throws<KernelPanicException>(
            () => machine.Memory->Log.Panic("free_early on not reserved area: %x-%x!", 0x1000, 0x1fff));
        Assert.Equal("free_early on not reserved area: 1000-1fff!", panic.Message);
        Assert.Empty(machine.Log);
    }

    [Fact]
    public void WhatItSpendsIsCountedOnceItHasAClock()
    {
        // A clock that ticks once a look: each call of the log looks at its start and at its end.
        using HostMachine machine = new();
        machine.Memory->Log.Print("before %d\n", 1);
        Assert.Equal(0UL, machine.Memory->Log.TicksSpent);
        machine.Memory->Log.CountTicks(&Tick);
        machine.Memory->Log.Text("a line ");
        machine.Memory->Log.Print("of two calls %d\n", 2);
        Assert.Equal(2UL, machine.Memory->Log.TicksSpent);
        Assert.Equal("a line of two calls 2", machine.Log[^1]);
    }

    [Fact]
    public void HeldLinesComeOutInTheirOrderWithTheTimeWhenTheyWereTold()
    {
        using Held held = new();
        byte* name = stackalloc byte[] { (byte)'a', (byte)'b', 0 };
        held.Log->CountTicks(&Tick);
        held.Log->Text("the ");
        held.Log->Print("%d%s %x, ", 1, (ulong)name, 0xf00);
        held.Log->Bytes(name, 5);
        held.Log->Print(".\n");
        ulong told = s_now;
        name[0] = (byte)'c';
        s_now += 100;
        Assert.Empty(held.Machine.Log);
        Assert.Equal(0UL, held.Log->TicksSpent);

        held.Log->Release();

        // A %s is read when it is written, Bytes when they are told.
        Assert.Equal("the 1cb f00,    ab.", Assert.Single(held.Machine.Log));
        Assert.Equal(told, held.Log->LineTicks);
        held.Log->Print("at once\n");
        Assert.Equal("at once", held.Machine.Log[^1]);
        Assert.True(held.Log->LineTicks > told);
    }

    [Fact]
    public void ATableIsOnePieceWithOneTime()
    {
        using Held held = new();
        held.Log->CountTicks(&Tick);
        held.Log->Print("above\n");
        held.Log->PrintTable(&ThreeLines, held.Log);
        ulong told = s_now;
        s_now += 100;
        held.Log->Release();

        // Written with the time when it was told, which is spent once, not again by each of its lines.
        Assert.Equal(["above", "row 1", "row 2", "row 3"], held.Machine.Log);
        Assert.Equal(told, held.Log->LineTicks);
        Assert.Equal(1UL, held.Log->TicksSpent);

        held.Log->PrintTable(&ThreeLines, held.Log);
        Assert.Equal(7, held.Machine.Log.Count);
        Assert.True(held.Log->LineTicks > told + 100);
    }

    private static void ThreeLines(void* log)
    {
        for (uint i = 1; i <= 3; i++)
        {
            ((KernelLog*)log)->Print("row %d\n", i);
        }
    }

    [Fact]
    public void WhenTheRoomIsTakenAllOfItIsWrittenAndTheRestAtOnce()
    {
        using Held held = new();
        byte* name = stackalloc byte[] { (byte)'n', 0 };
        const uint lines = (HeldLog.Capacity - HeldPiece.TextWords) / HeldPiece.Words;
        for (uint i = 0; i < lines; i++)
        {
            held.Log->Print("line %d\n", i);
        }

        held.Log->Text("one line ");
        Assert.Empty(held.Machine.Log);
        held.Log->Bytes(name, 0);
        Assert.Equal((int)lines, held.Machine.Log.Count);
        held.Log->Print(" of %d pieces\n", 3);
        Assert.Equal("one line n of 3 pieces", held.Machine.Log[^1]);
        Assert.Equal("line 0", held.Machine.Log[0]);
    }

    [Fact]
    public void BytesLongerThanAPieceEndTheHolding()
    {
        using Held held = new();
        byte* name = stackalloc byte[HeldPiece.ByteCapacity + 2];
        for (int i = 0; i <= HeldPiece.ByteCapacity; i++)
        {
            name[i] = (byte)'z';
        }

        held.Log->Text("<");
        held.Log->Bytes(name + 1, 0);
        held.Log->Bytes(name, 0);
        held.Log->Bytes(null, 8);
        held.Log->Print(">\n");
        Assert.Equal(
            "<" + new string('z', HeldPiece.ByteCapacity) + new string('z', HeldPiece.ByteCapacity + 1) + "  (null)>",
            Assert.Single(held.Machine.Log));
    }

    [Fact]
    public void APanicWritesWhatIsHeldBeforeItStops()
    {
        using Held held = new();
        held.Log->Print("told before\n");
        held.Log->Text("half a line");
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => held.Log->Bug("found %d, needed %d", 1, 2));
        Assert.Equal("BUG: found 1, needed 2", panic.Message);
        Assert.Equal("told before", Assert.Single(held.Machine.Log));
    }

    private sealed class Held : System.IDisposable
    {
        private readonly HeldLog* _room = (HeldLog*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(HeldLog));

        internal Held() => Log->Hold(_room);

        internal HostMachine Machine { get; } = new();

        internal KernelLog* Log => &Machine.Memory->Log;

        public void Dispose()
        {
            Machine.Dispose();
            System.Runtime.InteropServices.NativeMemory.Free(_room);
        }
    }

    [System.ThreadStatic]
    private static ulong s_now;

    private static ulong Tick(ulong since) => ++s_now - since;
}
