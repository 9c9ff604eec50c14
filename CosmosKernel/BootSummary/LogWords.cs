using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Kernel.BootSummary;

/// <summary>The words of a line of the log, one after the other: a plain one, or a key and its value, which may stand in quotes.</summary>
internal unsafe struct LogWords
{
    private readonly byte* _end;
    private byte* _next;

    /// <summary>Begins at the first word of a text; a negative length is none.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal LogWords(byte* text, int length)
    {
        _next = text;
        _end = length > 0 ? text + length : text;
        Key = text;
        KeyLength = 0;
        Value = text;
        ValueLength = 0;
        Next();
    }

    /// <summary>The word, or what stands before its '='.</summary>
    internal byte* Key { get; private set; }

    /// <summary>Bytes of <see cref="Key"/>.</summary>
    internal int KeyLength { get; private set; }

    /// <summary>What stands behind the '=', without quotes.</summary>
    internal byte* Value { get; private set; }

    /// <summary>Bytes of <see cref="Value"/>; 0 for a plain word.</summary>
    internal int ValueLength { get; private set; }

    /// <summary>What stands behind the word and a space.</summary>
    internal byte* Rest => _next;

    /// <summary>Bytes of <see cref="Rest"/>.</summary>
    internal int RestLength => (int)(_end - _next);

    /// <summary>Goes to the next word.</summary>
    /// <returns>False when there is none.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool Next()
    {
        if (_next >= _end)
        {
            KeyLength = 0;
            ValueLength = 0;
            return false;
        }

        Key = _next;
        Value = _next;
        ValueLength = 0;
        while (_next < _end && *_next != ' ' && *_next != '=')
        {
            _next++;
        }

        KeyLength = (int)(_next - Key);
        if (_next < _end && *_next == '=')
        {
            _next++;
            TakeValue();
        }

        while (_next < _end && *_next == ' ')
        {
            _next++;
        }

        return true;
    }

    /// <summary>The word is a plain one, just this text.</summary>
    internal bool Is(string text) => ValueLength == 0 && KeyIs(text);

    /// <summary>The key is just this text.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal bool KeyIs(string text)
    {
        bool same = KeyLength == text.Length;
        for (int i = 0; i < text.Length && same; i++)
        {
            same = Key[i] == text[i];
        }

        return same;
    }

    /// <summary>The value of the first word with a key among those that follow. Stays where it is.</summary>
    /// <param name="key">The key.</param>
    /// <param name="length">Its bytes; 0 if there is none.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal byte* Find(string key, out int length)
    {
        byte* next = _next;
        length = 0;
        byte* value = next;
        while (length == 0 && Next())
        {
            length = KeyIs(key) ? ValueLength : 0;
            value = Value;
        }

        _next = next;
        return value;
    }

    private void TakeValue()
    {
        bool quoted = _next < _end && *_next == '"';
        if (quoted)
        {
            _next++;
        }

        Value = _next;
        while (_next < _end && *_next != (quoted ? '"' : ' '))
        {
            // A backslash stands before a quote that belongs to the value.
            _next += quoted && *_next == '\\' && _next + 1 < _end ? 2 : 1;
        }

        ValueLength = (int)(_next - Value);
        if (quoted && _next < _end)
        {
            _next++;
        }
    }
}
