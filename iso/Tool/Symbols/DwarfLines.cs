using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>The section .debug_line: which address belongs to which line (DWARF 3, chapter 6.2).</summary>
internal sealed class DwarfLines
{
    private const int AdvancePc = 2;
    private const int AdvanceLine = 3;
    private const int SetFile = 4;
    private const int Copy = 1;
    private const int EndSequence = 1;
    private const int SetAddress = 2;
    private const int FirstSpecial = 13;

    private static readonly byte[] s_operands = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

    private readonly List<string> _files = [];
    private readonly Dictionary<string, uint> _numbers = [];
    private readonly DwarfBytes _program = new();

    /// <summary>Adds the lines of a piece of code; the last row is its end.</summary>
    internal void Add(string file, List<LineRow> rows)
    {
        if (rows.Count < 2)
        {
            return;
        }

        _program.U8(0).Uleb(5).U8(SetAddress).U32(rows[0].Address);
        _program.U8(SetFile).Uleb(NumberOf(file));
        (uint address, long line) = (rows[0].Address, 1);
        for (int i = 0; i < rows.Count - 1; i++)
        {
            _program.U8(AdvancePc).Uleb(rows[i].Address - address).U8(AdvanceLine).Sleb(rows[i].Line - line).U8(Copy);
            (address, line) = (rows[i].Address, rows[i].Line);
        }

        _program.U8(AdvancePc).Uleb(rows[^1].Address - address).U8(0).Uleb(1).U8(EndSequence);
    }

    internal byte[] ToArray()
    {
        DwarfBytes bytes = new();
        uint unit = bytes.OpenLength();
        bytes.U16(3);
        uint header = bytes.OpenLength();
        bytes.U8(1).U8(1).U8(-5).U8(14).U8(FirstSpecial).Raw(s_operands).U8(0);
        foreach (string file in _files)
        {
            bytes.Text(file).Uleb(0).Uleb(0).Uleb(0);
        }

        bytes.U8(0);
        bytes.CloseLength(header);
        bytes.Raw(_program.ToArray());
        bytes.CloseLength(unit);
        return bytes.ToArray();
    }

    private uint NumberOf(string file)
    {
        if (!_numbers.TryGetValue(file, out uint number))
        {
            _files.Add(file);
            number = (uint)_files.Count;
            _numbers[file] = number;
        }

        return number;
    }
}
