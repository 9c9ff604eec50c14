using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Xunit;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>The debug stub's protocol, cut anywhere.</summary>
public sealed class DebugStubTests
{
    private static readonly byte[] s_signature = [0x07, 0x08, 0x74, 0x19];
    private static readonly byte[] s_assertion = [255, 2, 0, 0, 0, 0];

    // noise signature | started | message | number | assertion assertion | completed
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void AKernelThatCompletes(int piece)
    {
        DebugStub stub = new();
        bool waited = false;
        byte[] all =
        [
            0, 0, 7, 8, .. s_signature, 6, .. Message("Run"), 18, 0xea, 0, 0, 0, .. s_assertion, .. s_assertion, 255, 0, 0, 0, 0, 0,
        ];
        foreach (byte[] bytes in all.Chunk(piece))
        {
            Assert.Null(stub.End);
            stub.Add(bytes);
            waited |= stub.Waits;
        }

        Assert.True(waited);
        Assert.Equal("completed", stub.End);
        Assert.Equal(2, stub.Assertions);
        Assert.Equal(["Run", "0x000000ea"], stub.Messages);
    }

    [Fact]
    public void WhatCameBeforeTheSignatureCountsForNothing()
    {
        DebugStub stub = new();
        stub.Add([.. s_assertion, 255, 0, 0, 0, 0, 0, 6]);
        Assert.False(stub.Waits);

        stub.Add([.. s_signature, .. s_assertion]);

        Assert.Null(stub.End);
        Assert.Equal(1, stub.Assertions);
    }

    [Theory]
    [InlineData(15, "stack corruption at 02001234")]
    [InlineData(17, "null reference at 02001234")]
    [InlineData(22, "stack overflow at 02001234")]
    [InlineData(25, "kernel panic 33559092")]
    public void AKernelThatBreaksSaysWhere(byte command, string end)
    {
        DebugStub stub = new();
        stub.Add([.. s_signature, .. s_assertion, command, 0x34, 0x12, 0, 2, .. s_assertion]);

        Assert.Equal(end, stub.End);
        Assert.Equal(1, stub.Assertions);
    }

    [Fact]
    public void OnlyTheLastMessagesAreKept()
    {
        DebugStub stub = new();
        stub.Add([.. s_signature, .. Enumerable.Range(0, 100).SelectMany(i => Message($"message {i}")), 255, 1, 0, 0, 0, 0]);

        Assert.Equal("failed", stub.End);
        Assert.Equal(Enumerable.Range(92, 8).Select(i => $"message {i}"), stub.Messages);
    }

    [Fact]
    public void AnAssertionThatFailsNamesItsLine()
    {
        DebugStub stub = new();
        stub.Add([.. s_signature, .. Message("Assertion failed:"), .. Message("Line number: 220"), .. Message("why"), 255, 1, 0, 0, 0, 0]);

        Assert.Equal("failed at line 220", stub.End);
    }

    private static IEnumerable<byte> Message(string text)
        => [192, (byte)text.Length, 0, .. Encoding.Latin1.GetBytes(text)];
}
