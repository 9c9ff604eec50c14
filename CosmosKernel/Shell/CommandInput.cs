using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>A typed line, cut into words in place.</summary>
internal unsafe struct CommandInput
{
    /// <summary>The most characters in a line.</summary>
    internal const int Capacity = 128;

    /// <summary>The most words that are told apart.</summary>
    internal const int MostWords = 16;

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

    /// <summary>Puts a character before one, or at the end.</summary>
    /// <param name="at">0 to <see cref="Length"/>.</param>
    /// <param name="value">The character.</param>
    /// <returns>False when the line is full: the character is only counted.</returns>
    internal bool Insert(int at, byte value)
    {
        if (_length == Capacity)
        {
            _excess++;
            return false;
        }

        for (int i = _length; i > at; i--)
        {
            _line[i] = _line[i - 1];
        }

        _line[at] = value;
        _length++;
        return true;
    }

    /// <summary>Takes a character away.</summary>
    /// <param name="at">0 to <see cref="Length"/>, which takes none away.</param>
    /// <returns>False when there is none, or one of the excess went, which is not shown.</returns>
    internal bool Remove(int at)
    {
        if (_excess > 0)
        {
            _excess--;
            return false;
        }

        if (at < 0 || at >= _length)
        {
            return false;
        }

        _length--;
        for (int i = at; i < _length; i++)
        {
            _line[i] = _line[i + 1];
        }

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

    /// <summary>Reads a word as a number: decimal, or hexadecimal after 0x, with an optional K, M, or G behind it, as <c>mem=</c> does.
    /// </summary>
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
            at += 2;
            for (int digits = 0; Digit(_line[at]) < 16; at++)
            {
                number = (number << 4) | Digit(_line[at]);
                if (++digits > 8)
                {
                    return false;
                }
            }

            return _line[at - 1] != 'x' && _line[at - 1] != 'X' && TrySuffix(at, number, out value);
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

        return at != start && TrySuffix(at, number, out value);
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

    private bool TrySuffix(int at, ulong number, out uint value)
    {
        uint suffix = (uint)_line[at] | 0x20;
        int shift = suffix == 'k' ? 10 : suffix == 'm' ? 20 : suffix == 'g' ? 30 : 0;
        number <<= shift;
        value = (uint)number;
        return _line[shift != 0 ? at + 1 : at] == 0 && number <= 0xffffffff;
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
