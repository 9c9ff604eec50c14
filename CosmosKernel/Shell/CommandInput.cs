using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>A typed line, cut into words in place.</summary>
internal unsafe struct CommandInput
{
    /// <summary>The most characters in a line.</summary>
    internal const int Capacity = 128;

    private const int MostWords = 16;

    private fixed byte _line[Capacity + 1];
    private fixed int _word[MostWords];
    private int _length;
    private int _excess;
    private int _words;

    /// <summary>Number of words, the command itself included.</summary>
    internal int Words => _words;

    /// <summary>Characters typed so far.</summary>
    internal int Length => _length;

    /// <summary>Characters typed beyond <see cref="Capacity"/>; they are not kept.</summary>
    internal int Excess => _excess;

    /// <summary>A character typed so far.</summary>
    internal byte this[int index] => _line[index];

    /// <summary>Empties the line.</summary>
    internal void Clear()
    {
        _length = 0;
        _excess = 0;
        _words = 0;
    }

    /// <summary>Appends a character.</summary>
    /// <returns>False when the line is full: the character is only counted.</returns>
    internal bool Append(byte value)
    {
        if (_length == Capacity)
        {
            _excess++;
            return false;
        }

        _line[_length++] = value;
        return true;
    }

    /// <summary>Takes the last character away.</summary>
    /// <returns>False when there is none, or it was one of the excess, which is not shown.</returns>
    internal bool RemoveLast()
    {
        if (_excess > 0)
        {
            _excess--;
            return false;
        }

        if (_length == 0)
        {
            return false;
        }

        _length--;
        return true;
    }

    /// <summary>Cuts the line at its spaces; words beyond the sixteenth stay part of it.</summary>
    internal void Split()
    {
        _words = 0;
        bool inside = false;
        for (int i = 0; i < _length; i++)
        {
            bool space = _line[i] == ' ' || _line[i] == '\t';
            if (!space && !inside && _words < MostWords)
            {
                _word[_words++] = i;
            }

            inside = !space;
            if (space)
            {
                _line[i] = 0;
            }
        }

        _line[_length] = 0;
    }

    /// <summary>True when a word is just this text.</summary>
    internal bool Is(int word, string text)
    {
        if (word >= _words)
        {
            return false;
        }

        int at = _word[word];
        for (int i = 0; i < text.Length; i++)
        {
            if (_line[at + i] != text[i])
            {
                return false;
            }
        }

        return _line[at + text.Length] == 0;
    }

    /// <summary>Reads a word as a number: decimal, or hexadecimal after 0x, with an optional K or M behind it.</summary>
    /// <returns>False when it is none, or does not fit 32 bits.</returns>
    internal bool TryNumber(int word, out uint value)
    {
        ulong number = 0;
        value = 0;
        if (word >= _words)
        {
            return false;
        }

        int at = _word[word];
        if (_line[at] == '0' && (_line[at + 1] | 0x20) == 'x')
        {
            return TryHexadecimal(word, out value);
        }

        int start = at;
        for (; ; at++)
        {
            uint digit = Digit(_line[at]);
            if (digit >= 10)
            {
                break;
            }

            number = (number * 10) + digit;
            if (number > 0xffffffff)
            {
                return false;
            }
        }

        if (at == start)
        {
            return false;
        }

        uint suffix = (uint)_line[at] | 0x20;
        if (suffix == 'k' || suffix == 'm')
        {
            number <<= suffix == 'k' ? 10 : 20;
            at++;
        }

        value = (uint)number;
        return _line[at] == 0 && number <= 0xffffffff;
    }

    /// <summary>Reads a word as a hexadecimal number, with or without 0x.</summary>
    /// <returns>False when it is none, or does not fit 32 bits.</returns>
    internal bool TryHexadecimal(int word, out uint value)
    {
        value = 0;
        int at = _word[word];
        if (_line[at] == '0' && (_line[at + 1] | 0x20) == 'x')
        {
            at += 2;
        }

        int start = at;
        for (; Digit(_line[at]) < 16; at++)
        {
            value = (value << 4) | Digit(_line[at]);
        }

        return at > start && at - start <= 8 && _line[at] == 0;
    }

    /// <summary>0..15 for a hexadecimal digit, 16 for anything else.</summary>
    private static uint Digit(byte c)
    {
        uint letter = c | 0x20u;
        return c >= '0' && c <= '9' ? (uint)c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
    }

    /// <summary>A word as NUL-terminated bytes; valid while the struct stays where it is.</summary>
    internal byte* Word(int word)
    {
        fixed (byte* line = _line)
        {
            return line + _word[word];
        }
    }
}
