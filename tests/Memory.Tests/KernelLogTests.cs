using CosmosBootAlloc.Tool.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests;

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

    [Fact]
    public void CutsAnOverlongLineAndSaysSo()
    {
        using HostMachine machine = new();
        machine.Memory->Log.Print("%02000d\n", 7);
        string line = Assert.Single(machine.Log);
        Assert.Equal(KernelLog.LineCapacity, line.Length);
        Assert.EndsWith("0...", line);
    }

    [Fact]
    public void APanicCarriesItsMessageAndDropsTheUnfinishedLine()
    {
        using HostMachine machine = new();
        machine.Memory->Log.Text("half a line");
        KernelPanicException panic = Assert.Throws<KernelPanicException>(() => machine.Memory->Log.Panic("free_early on not reserved area: %x-%x!", 0x1000, 0x1fff));
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

    [System.ThreadStatic]
    private static ulong s_now;

    private static ulong Tick(ulong since) => ++s_now - since;
}
