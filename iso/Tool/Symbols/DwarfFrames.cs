using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>The section .debug_frame: how to find a method's caller (DWARF 3, chapter 6.4).</summary>
internal sealed class DwarfFrames
{
    private const int Eip = 8;
    private const int WordBytes = 4;
    private const int AdvanceLoc4 = 0x04;
    private const int Undefined = 0x07;
    private const int DefCfa = 0x0c;
    private const int OffsetOf = 0x80;
    private const int Restore = 0xc0;

    private readonly DwarfBytes _bytes = new();
    private readonly uint _signal;

    internal DwarfFrames()
    {
        Common("");
        _signal = _bytes.Length;
        Common("S");
    }

    internal byte[] ToArray() => _bytes.ToArray();

    /// <summary>Adds a range with the rows that hold in it; the first row may lie before it.</summary>
    internal void Add(CodeRange range, IReadOnlyList<FrameRow> rows)
    {
        uint entry = Open(0, range);
        uint at = range.Start;
        FrameRow? last = null;
        for (int i = 0; i < rows.Count; i++)
        {
            bool holds = i + 1 == rows.Count || rows[i + 1].Address > range.Start;
            if (!holds || rows[i].Address >= range.End)
            {
                continue;
            }

            uint from = uint.Max(rows[i].Address, range.Start);
            if (from != at)
            {
                _bytes.U8(AdvanceLoc4).U32(from - at);
                at = from;
            }

            Row(rows[i], last);
            last = rows[i];
        }

        Close(entry);
    }

    /// <summary>Adds code that nobody called.</summary>
    internal void AddOutermost(CodeRange range)
    {
        uint entry = Open(0, range);
        _bytes.U8(Undefined).Uleb(Eip);
        Close(entry);
    }

    /// <summary>
    /// Adds the part of an interrupt's entry where EBP points to the saved registers (Boot/cpu.asm): edi esi ebp esp ebx edx ecx eax vector
    /// error eip cs flags.
    /// </summary>
    internal void AddInterrupt(CodeRange range)
    {
        const uint words = 13;
        uint entry = Open(_signal, range);
        _bytes.U8(DefCfa).Uleb(5).Uleb(words * WordBytes);
        foreach ((int register, uint place) in new[] { (7, 0u), (6, 1u), (5, 2u), (3, 4u), (2, 5u), (1, 6u), (0, 7u), (Eip, 10u) })
        {
            _bytes.U8(OffsetOf | register).Uleb(words - place);
        }

        Close(entry);
    }

    private void Row(FrameRow row, FrameRow? last)
    {
        if (last == null || last.Register != row.Register || last.Offset != row.Offset)
        {
            _bytes.U8(DefCfa).Uleb((uint)row.Register).Uleb((uint)row.Offset);
        }

        foreach ((int register, int below) in row.Saved)
        {
            if (last == null || !last.Saved.ContainsKey(register))
            {
                _bytes.U8(OffsetOf | register).Uleb((uint)(below / WordBytes));
            }
        }

        foreach (int register in last?.Saved.Keys.Except(row.Saved.Keys) ?? [])
        {
            _bytes.U8(Restore | register);
        }
    }

    // What holds at a method's first instruction: the return address lies on top of the stack.
    private void Common(string kind)
    {
        uint length = _bytes.OpenLength();
        _bytes.U32(uint.MaxValue).U8(1).Text(kind).Uleb(1).Sleb(-WordBytes).U8(Eip);
        _bytes.U8(DefCfa).Uleb(4).Uleb(WordBytes).U8(OffsetOf | Eip).Uleb(1);
        Close(length);
    }

    private uint Open(uint common, CodeRange range)
    {
        uint length = _bytes.OpenLength();
        _bytes.U32(common).U32(range.Start).U32(range.End - range.Start);
        return length;
    }

    private void Close(uint length)
    {
        _bytes.Align(0);
        _bytes.CloseLength(length);
    }
}
