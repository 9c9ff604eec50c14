using System;
using System.Collections.Generic;
using CosmosBootAlloc.Tool.Build.Lowering;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>Half-open range of addresses.</summary>
/// <param name="Start">The first.</param>
/// <param name="End">The one after the last.</param>
public readonly record struct CodeRange(uint Start, uint End);

/// <summary>Where lowering moved code to (docs/lowering.md): the same source, at other addresses.</summary>
public sealed class MovedCode
{
    private readonly IReadOnlyList<CodeMove> _moves;

    /// <summary>Takes the moves, in the order of their addresses.</summary>
    public MovedCode(IReadOnlyList<CodeMove> moves) => _moves = moves;

    /// <summary>The moves of what lay in a range.</summary>
    public IEnumerable<CodeMove> In(uint start, uint end)
    {
        (int low, int high) = (0, _moves.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_moves[middle].FromEnd <= start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        for (int i = low; i < _moves.Count && _moves[i].From < end; i++)
        {
            yield return _moves[i];
        }
    }

    /// <summary>A range of the code as it was compiled, and the thunks that hold parts of it.</summary>
    public List<CodeRange> Of(uint start, uint end)
    {
        List<CodeRange> ranges = [new(start, end)];
        foreach (CodeMove move in In(start, end))
        {
            if (move.To == move.ToEnd)
            {
                continue;
            }

            if (ranges.Count > 1 && ranges[^1].End == move.To)
            {
                ranges[^1] = ranges[^1] with { End = move.ToEnd };
            }
            else
            {
                ranges.Add(new CodeRange(move.To, move.ToEnd));
            }
        }

        return ranges;
    }

    /// <summary>
    /// Lines by address, a list for each piece of code that lies together; each ends with line 0, at the address after its last byte.
    /// </summary>
    public List<List<LineRow>> Lines(Method method)
    {
        List<LineRow> own = [];
        List<List<LineRow>> all = [own];
        uint line = 0;
        int next = 0;
        List<CodeMove> moves = [.. In(method.Start, method.End)];
        IReadOnlyList<LineRow> rows = method.Lines;
        int move = 0;
        while (next < rows.Count || move < moves.Count)
        {
            if (move == moves.Count || (next < rows.Count && rows[next].Address <= moves[move].From))
            {
                line = rows[next].Line;
                bool inside = move < moves.Count && rows[next].Address == moves[move].From && !moves[move].IsHead;
                if (!inside)
                {
                    Add(own, rows[next].Address, line);
                }

                next++;
                continue;
            }

            CodeMove moved = moves[move];
            List<LineRow>? last = all.Count > 1 ? all[^1] : null;
            if (last == null || last[^1].Address != moved.To)
            {
                last = [];
                all.Add(last);
            }
            else
            {
                last.RemoveAt(last.Count - 1);
            }

            if (last.Count == 0 || last[^1].Line != line)
            {
                Add(last, moved.To, line);
            }

            last.Add(new LineRow(moved.ToEnd, 0));
            move++;
            bool ends = move == moves.Count || moves[move].From != moved.FromEnd || moves[move].IsHead;
            if (ends && moved.FromEnd < method.End && own.Count != 0 && own[^1].Line != line)
            {
                // Behind the jump the code goes on in the middle of a line.
                Add(own, moved.FromEnd, line);
            }
        }

        own.Add(new LineRow(method.End, 0));
        return all;
    }

    // One row an address: the last one says what the code is.
    private static void Add(List<LineRow> rows, uint address, uint line)
    {
        if (rows.Count != 0 && rows[^1].Address == address)
        {
            rows.RemoveAt(rows.Count - 1);
        }

        if (line != 0)
        {
            rows.Add(new LineRow(address, line));
        }
    }
}
