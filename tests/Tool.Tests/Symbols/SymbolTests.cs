using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Symbols;
using CsCheck;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests.Symbols;

/// <summary>The parts of the symbol file that need no kernel; tests/Boot.Tests/DebugTests.cs has it in gdb.</summary>
public sealed class SymbolTests
{
    // A run of three instructions, 1010 to 101c, moved to a thunk at 9000; the line changes inside and goes on behind it.
    //
    //   1000      1010 1014 1018 101c     1030
    //   | line 5  |line 6   |line 7 .......|          as compiled
    //   | line 5  | jmp ----> 9000 9006 900c | jmp back
    //                         line 6    line 7
    private static readonly CodeMove[] s_moves =
    [
        new(0x1010, 0x1014, 0x9000, 0x9006, true),
        new(0x1014, 0x1018, 0x9006, 0x900c, false),
        new(0x1018, 0x101c, 0x900c, 0x9014, false),
    ];

    [Fact]
    public void LinesGoWithTheCodeThatWasMoved()
    {
        Method method = new("m", 0x1000, 0x30, "a.cs", [new(0x1000, 5), new(0x1010, 6), new(0x1018, 7)], []);

        List<List<LineRow>> pieces = new MovedCode(s_moves).Lines(method);

        // Expect line 6 at the jump, line 7 where the code goes on behind it, and both lines in the thunk.
        Assert.Equal([new(0x1000, 5), new(0x1010, 6), new(0x101c, 7), new(0x1030, 0)], pieces[0]);
        Assert.Equal([new(0x9000, 6), new(0x900c, 7), new(0x9014, 0)], pieces[1]);
        Assert.Equal(2, pieces.Count);
    }

    [Fact]
    public void ARangeHoldsItsThunks()
    {
        MovedCode moved = new(s_moves);

        Assert.Equal([new(0x1000, 0x1030), new(0x9000, 0x9014)], moved.Of(0x1000, 0x1030));
        Assert.Equal([new(0x1014, 0x1018), new(0x9006, 0x900c)], moved.Of(0x1014, 0x1018));
        Assert.Equal([new(0x1000, 0x1010)], moved.Of(0x1000, 0x1010));
        Assert.Equal([new(0x101c, 0x1030)], moved.Of(0x101c, 0x1030));
    }

    // Any compiled assembly will do: this one.
    [Fact]
    public void NamesAreThoseOfTheMetadata()
    {
        using FileStream assembly = File.OpenRead(typeof(SymbolTests).Assembly.Location);
        MethodNames names = new();
        names.Add(assembly);
        string prefix = Path.GetFileNameWithoutExtension(typeof(SymbolTests).Assembly.Location).Replace('.', '_');

        string type = prefix + "_CosmosBootAlloc_Tool_Tests_Symbols_SymbolTests";
        Assert.Equal("CosmosBootAlloc.Tool.Tests.Symbols.SymbolTests.Under_Score", names.Of(type + "__Under_Score"));
        Assert.Equal("CosmosBootAlloc.Tool.Tests.Symbols.SymbolTests.Under_Score", names.Of(type + "__Under_Score_1"));
        Assert.Equal("asm_out8", names.Of("asm_out8"));
    }

    [Fact]
    public void WhatIsNoObjectIsRefused()
    {
        byte[] head = [0x4c, 0x01, 2, 0];
        Gen.Byte.Array[0, 300].Sample(
            bytes =>
            {
                foreach (byte[] file in new[] { bytes, [.. head, .. bytes] })
                {
                    try
                    {
                        CoffFile coff = new("x.obj", file);
                        CodeViewReader.Read("x.obj", coff, s => s.Value);
                    }
                    catch (BadInputException error)
                    {
                        Assert.StartsWith("x.obj: ", error.Message, StringComparison.Ordinal);
                    }
                }
            },
            iter: 2000);
    }

    [Fact]
    public void AFileWithoutSymbolsIsRefused()
    {
        string file = Path.GetTempFileName();
        try
        {
            foreach (byte[] bytes in new byte[][] { [], [0x7f, (byte)'E'], [.. Enumerable.Repeat((byte)0xff, 100)] })
            {
                File.WriteAllBytes(file, bytes);
                Assert.Throws<BadInputException>(() => SymbolTable.Read(file));
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Under_Score()
    {
    }
}
