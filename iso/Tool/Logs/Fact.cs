using System;
using System.Collections.Generic;
using System.Globalization;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// A line for programs: <c>bootalloc: KIND key=value key="value with spaces"...</c>. A value whose closing quote was cut off
/// reaches to the end of the line.
/// </summary>
public sealed class Fact
{
    private const string Prefix = "bootalloc: ";

    private readonly List<KeyValuePair<string, string>> _fields = [];

    private Fact(string kind, int line)
    {
        Kind = kind;
        Line = line;
    }

    internal Fact(string kind, int line, IEnumerable<(string Key, string Value)> fields)
        : this(kind, line)
    {
        foreach ((string key, string value) in fields)
        {
            _fields.Add(new(key, value));
        }
    }

    /// <summary>What it is about: boot, stage, selftest, done, ...</summary>
    public string Kind { get; }

    /// <summary>Its line in the file.</summary>
    public int Line { get; }

    /// <summary>The fields in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The value of a field, or null.</summary>
    public string? this[string key]
    {
        get
        {
            foreach ((string name, string value) in _fields)
            {
                if (name == key)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>The value of a field as a hexadecimal address; null when it is missing or none.</summary>
    public ulong? Address(string key)
        => ulong.TryParse(this[key], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    /// <summary>The value of a field as a decimal number; null when it is missing or no number.</summary>
    public ulong? Number(string key)
        => ulong.TryParse(this[key], NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    /// <summary>Reads a line; null when it is none of these: a line without a single field is a message for people.</summary>
    public static Fact? Parse(LogLine line)
    {
        if (!line.Text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        string text = line.Text;
        int at = Prefix.Length;
        int end = EndOfWord(text, at);
        if (end == at)
        {
            return null;
        }

        Fact fact = new(text[at..end], line.Number);
        at = end;
        while (at < text.Length)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }

            int equals = at;
            while (equals < text.Length && text[equals] is not ('=' or ' '))
            {
                equals++;
            }

            if (equals == text.Length || text[equals] == ' ')
            {
                // A bare word, or a field that the end of the line cut: no value, no fact.
                at = equals;
                continue;
            }

            string key = text[at..equals];
            at = equals + 1;
            if (at < text.Length && text[at] == '"')
            {
                fact._fields.Add(new(key, Quoted(text, ref at)));
            }
            else
            {
                end = EndOfWord(text, at);
                if (end == text.Length && line.Cut)
                {
                    // The line was cut here, perhaps in the middle of the number.
                    break;
                }

                fact._fields.Add(new(key, text[at..end]));
                at = end;
            }
        }

        fact.Rename();
        return fact._fields.Count != 0 ? fact : null;
    }

    // The zone above 16 MiB has another name in logs before its lines were x86-64's.
    private void Rename()
    {
        for (int i = 0; i < _fields.Count; i++)
        {
            _fields[i] = _fields[i] switch
            {
                { Key: "normal_free_pages" } field => new("dma32_free_pages", field.Value),
                { Key: "zone", Value: "normal" } => new("zone", "dma32"),
                var field => field,
            };
        }
    }

    private static int EndOfWord(string text, int at)
    {
        int end = text.IndexOf(' ', at);
        return end < 0 ? text.Length : end;
    }

    private static string Quoted(string text, ref int at)
    {
        at++;
        string value = QuotedValue.Read(text, ref at);
        at++;
        return value;
    }
}
