using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO.Hashing;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// The kernel's summary of its boot, copied from the screen by a hand or a camera. Each row is checked by its last three digits; digits
/// that look like letters are forgiven where only a number can stand. What it gives is the lines of the log that it was made of. The
/// writer is CosmosKernel/BootSummary.
/// </summary>
public sealed class SummaryText
{
    private const string First = "system";
    private const string Options = "options";
    private const int MostLines = 100;
    private const string Last = "code";

    // Rows that a message quotes.
    private const int MostRows = 8;

    private readonly string _name;
    private readonly Crc32 _all = new();
    private readonly List<(string Label, int Number, string Text)> _sections = [];

    private readonly List<RawLine> _misread = [];
    private int _rows;

    private SummaryText(string name)
    {
        _name = name;
    }

    /// <summary>
    /// Finds the last summary in a text, checks it, and gives the log's lines that it stands for, with the numbers of its rows.
    /// </summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="lines">Its lines.</param>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="BadInputException">A row was misread, or is missing.</exception>
    public static IReadOnlyList<RawLine>? Read(string name, IReadOnlyList<RawLine> lines)
    {
        int first = lines.Count - 1;
        while (first >= 0 && !s_firstRow.IsMatch(lines[first].Text))
        {
            first--;
        }

        if (first < 0)
        {
            return null;
        }

        SummaryText summary = new(name);
        foreach (RawLine line in lines.Skip(first))
        {
            // Cameras take a 0 for a copyright sign, which has two bytes in UTF-8.
            string row = LogLine.Clean(line.Text).Replace("\u00c2", "", StringComparison.Ordinal).Replace('\u00a9', '0').Replace('|', '1');
            row = row.Trim(' ', '>');
            if (row.Length == 0)
            {
                continue;
            }

            if (s_lastRow.Match(row) is { Success: true } last)
            {
                summary.CheckAll(line.Number, last.Groups[1].Value);
                return [.. summary._sections.SelectMany(summary.Lines)];
            }

            summary.Take(line.Number, row);
            if (summary._rows == MostLines)
            {
                break;
            }
        }

        throw new BadInputException(
            $"{name}:{lines[first].Number}: a summary begins here, and its last row, '{Last}' and ten digits, was not found in the "
                + $"{MostLines} lines behind it");
    }

    // A row with a label begins a section; one without goes on with it. The check code tells which it is.
    private void Take(int number, string row)
    {
        _rows++;
        Match parts = s_row.Match(row);
        string? text = null;
        byte kind = 0;
        if (parts.Success)
        {
            string read = parts.Groups[1].Value;
            string code = Digits(parts.Groups[2].Value);
            (text, kind) = (from candidate in new[] { read, WithDigits(read) }
                            from tried in new byte[] { 0, 1 }
                            where Code(candidate, tried) == code
                            select (candidate, tried)).FirstOrDefault();
        }

        if (text == null || (kind == 1 && _sections.Count == 0))
        {
            _misread.Add(new RawLine(number, row, true));
            return;
        }

        _all.Append(Checked(text, kind));
        if (kind == 1)
        {
            _sections[^1] = _sections[^1] with { Text = $"{_sections[^1].Text} {text}" };
            return;
        }

        string[] words = text.Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries);
        _sections.Add((words[0].ToLowerInvariant(), number, words.Length > 1 ? words[1].Trim() : ""));
    }

    private void CheckAll(int number, string code)
    {
        if (_misread.Count != 0)
        {
            IEnumerable<string> rows = _misread.Take(MostRows).Select(r => $"line {r.Number}: {PastedText.Quote(r.Text)}");
            throw new BadInputException(
                $"{_name}:{_misread[0].Number}: {_misread.Count} of {_rows} rows of the summary do not match the three digits at their "
                    + $"end: a character was misread, or a digit; compare with the screen: {string.Join("; ", rows)}");
        }

        if (Digits(code) != _all.GetCurrentHashAsUInt32().ToString("D10", CultureInfo.InvariantCulture))
        {
            throw new BadInputException(
                $"{_name}:{number}: every row matches its own check code, but not all together the last one: a row is missing, twice, or "
                    + "at another place, or this code was misread");
        }
    }

    private IEnumerable<RawLine> Lines((string Label, int Number, string Text) section)
    {
        (string label, int number, string text) = section;
        IEnumerable<string> lines = label switch
        {
            First => [Title(text)],
            Options => [],
            "cpu" => ["CPU: " + text],
            "kept" => Kept(text),
            "accounted" or "selftest" or "done" => [$"bootalloc: {label}{Items(text)}"],
            _ => [$"bootalloc: stage name={label}{Items(text)}"],
        };
        return lines.Select(l => new RawLine(number, l, true));
    }

    private string Title(string text)
    {
        string[] items = text.ToLowerInvariant().Split((char[])[' ', ','], StringSplitOptions.RemoveEmptyEntries);
        string options = _sections.Find(s => s.Label == Options).Text ?? "";
        return $"bootalloc: boot variant={items.ElementAtOrDefault(2)} toolchain={items.ElementAtOrDefault(3)} "
            + $"version={items.ElementAtOrDefault(1)} cmdline=\"{options}\" {BootLog.CopyKey}=summary";
    }

    private static IEnumerable<string> Kept(string text)
        => s_owner.Matches(text).Select(m => $"bootalloc: account name=\"{m.Groups[1].Value.Trim()}\" pages={Number(m.Groups[2].Value)}");

    // "usable pages 32,639, ticks 5": words up to a number, or, where there is none, the last word before a comma.
    private static string Items(string text)
    {
        StringBuilder line = new();
        List<string> key = [];
        foreach (string word in text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Append(","))
        {
            string bare = word.TrimEnd(',', '.');
            if (bare.Length != 0 && IsNumber(bare))
            {
                // Behind a number that a blank cuts in two, there is no key.
                line.Append(key.Count == 0 ? "" : $" {string.Join('_', key).ToLowerInvariant()}=").Append(Number(bare));
                key.Clear();
                continue;
            }

            if (bare.Length != 0)
            {
                key.Add(bare);
            }

            // Of the values, only the status is a word.
            if (key.Count > 1 && (bare != word || key[^2].Equals("status", StringComparison.OrdinalIgnoreCase)))
            {
                line.Append(CultureInfo.InvariantCulture, $" {string.Join('_', key.SkipLast(1)).ToLowerInvariant()}={key[^1]}");
                key.Clear();
            }
        }

        return line.ToString();
    }

    private static bool IsNumber(string word) => word.All(c => char.IsAsciiDigit(c) || c is ',' or '.');

    private static string Number(string word) => string.Concat(word.Where(char.IsAsciiDigit));

    // What is checked: letters without case, and digits.
    private static byte[] Checked(string text, byte kind)
        => [kind, .. text.Where(char.IsAsciiLetterOrDigit).Select(c => (byte)char.ToLowerInvariant(c))];

    private static string Code(string text, byte kind)
        => (Crc32.HashToUInt32(Checked(text, kind)) % 1000).ToString("D3", CultureInfo.InvariantCulture);

    private static string Digits(string text) => string.Concat(text.Select(Digit));

    private static char Digit(char c) => c switch
    {
        'O' or 'o' or 'Q' => '0',
        'I' or 'i' or 'l' or 'L' => '1',
        'S' or 's' => '5',
        'B' => '8',
        'Z' or 'z' => '2',
        '?' => '7',
        _ => c,
    };

    // In a word with a digit, and in one of a single character, letters that look like digits are digits.
    private static string WithDigits(string text) => s_numberLike.Replace(text, m => Digits(m.Value));

    private static readonly Regex s_firstRow = new(@"^\W*system\s+CosmosBootAlloc\b", RegexOptions.IgnoreCase);

    private static readonly Regex s_lastRow = new(@"^\W*code\s+([\dOoQIilLSsBZz?]{10})(?!\S)", RegexOptions.IgnoreCase);

    private static readonly Regex s_row = new(@"^(.*\S)\s+([\dOoQIilLSsBZz?]{3})$");

    private static readonly Regex s_owner = new(@"([^=]*?)=\s*([\d,. ]*\d)[,.\s]*");

    private static readonly Regex s_numberLike = new(@"(?<![^\s=])([^\s=]*\d[^\s=]*|\w(?=[\s=,]|$))");
}
