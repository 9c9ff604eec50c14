namespace CosmosBootAlloc.Memory.Facts;

/// <summary>
/// How a kernel command line falls into words: at white space outside double quotes. Quotes around a word, or around the value behind its
/// first '=', are dropped; others stay. 2.6.34 next_arg.
/// </summary>
public static unsafe class CommandWords
{
    /// <summary>True for white space: a blank, and the control characters from tab to carriage return.</summary>
    public static bool IsBlank(byte c)
    {
        return c == ' ' || (c >= 9 && c <= 13);
    }

    /// <summary>End of the last word that is whole in the first <paramref name="length"/> bytes of a longer text; 0 without one.</summary>
    /// <param name="text">At least <paramref name="length"/> + 1 bytes, none of them 0.</param>
    /// <param name="length">Bytes there is room for.</param>
    public static int EndOfWholeWords(byte* text, int length)
    {
        int end = 0;
        bool inWord = false;
        bool inQuotes = false;
        for (int i = 0; i <= length; i++)
        {
            bool blank = !inQuotes && IsBlank(text[i]);
            if (blank && inWord)
            {
                end = i;
            }

            inWord = !blank;
            inQuotes ^= text[i] == '"';
        }

        return end;
    }

    /// <summary>Copies the words of a text, each with a 0 behind it, quotes dropped; empty words are left out.</summary>
    /// <param name="text">NUL-terminated.</param>
    /// <param name="words">Room for as many bytes as the text has, its 0 included.</param>
    /// <returns>Bytes used.</returns>
    public static int Split(byte* text, byte* words)
    {
        int used = 0;
        while (true)
        {
            while (IsBlank(*text))
            {
                text++;
            }

            if (*text == 0)
            {
                return used;
            }

            byte* end = EndOfWord(text);
            int length = CopyWord(text, end, words + used);
            if (length != 0)
            {
                words[used + length] = 0;
                used += length + 1;
            }

            text = end;
        }
    }

    private static byte* EndOfWord(byte* text)
    {
        bool inQuotes = false;
        while (*text != 0 && (inQuotes || !IsBlank(*text)))
        {
            inQuotes ^= *text == '"';
            text++;
        }

        return text;
    }

    // A quoted word: "memmap=1K@2M". A quoted value: memmap="1K@2M". Of both, the closing quote goes only with the opening one.
    private static int CopyWord(byte* from, byte* end, byte* to)
    {
        bool quoted = *from == '"';
        if (quoted)
        {
            from++;
        }

        byte* word = to;
        bool hasValue = false;
        while (from < end)
        {
            byte c = *from++;
            *to++ = c;
            if (c == '=' && !hasValue)
            {
                hasValue = true;
                if (from < end && *from == '"')
                {
                    quoted = true;
                    from++;
                }
            }
        }

        if (quoted && to > word && to[-1] == '"')
        {
            to--;
        }

        return (int)(to - word);
    }
}
