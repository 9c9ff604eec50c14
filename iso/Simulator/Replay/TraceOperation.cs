using System;
using System.Globalization;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>One operation line of a trace: its words, and their conversion with errors that name file and line.</summary>
public sealed class TraceOperation(string file, int line, string text)
{
    private readonly string[] _words = text.Split(' ');

    /// <summary>The operation's name.</summary>
    public string Name => _words[0];

    /// <summary>Number of arguments after the name.</summary>
    public int Count => _words.Length - 1;

    /// <summary>Argument <paramref name="index"/> (from 0) as it stands.</summary>
    public string Word(int index)
    {
        if (index >= Count)
        {
            throw Error($"'{Name}' needs at least {index + 1} arguments, found {Count}");
        }

        return _words[index + 1];
    }

    /// <summary>Argument <paramref name="index"/> and all after it, single spaces between.</summary>
    public string Rest(int index)
    {
        Word(index);
        return string.Join(' ', _words, index + 1, Count - index);
    }

    /// <summary>Argument <paramref name="index"/> as a number up to 64 bits, 0x-hexadecimal or decimal.</summary>
    public ulong Number(int index)
    {
        string word = Word(index);
        bool ok = word.StartsWith("0x", StringComparison.Ordinal)
            ? ulong.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            : ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return ok
            ? value
            : throw Error($"argument {index + 1} of '{Name}': expected a number (0x... or decimal, up to 64 bits), "
                + $"found '{PastedText.Quote(word)}'");
    }

    /// <summary>As <see cref="Number"/>, refused above <paramref name="max"/>.</summary>
    public ulong NumberUpTo(int index, ulong max)
    {
        ulong value = Number(index);
        return value <= max ? value : throw Error($"argument {index + 1} of '{Name}': expected a number up to {max}, found {value}");
    }

    /// <summary>Argument <paramref name="index"/> as a flag, 0 or 1.</summary>
    public bool Flag(int index) => NumberUpTo(index, 1) != 0;

    /// <summary>Refuses the line unless it has exactly this many arguments.</summary>
    public void Expect(int count)
    {
        if (Count != count)
        {
            throw Error($"'{Name}' takes {count} argument{(count == 1 ? "" : "s")}, found {Count}");
        }
    }

    /// <summary>An error that names the file and line.</summary>
    public BadInputException Error(string what) => new($"{file}:{line}: {what}");
}
