namespace CosmosBootAlloc.Memory.Log;

/// <summary>Turns formats and arguments into whole lines for the sink.</summary>
public unsafe partial struct KernelLog
{
    private static int LengthOf(byte* text)
    {
        byte* end = text;
        while (*end != 0)
        {
            end++;
        }

        return (int)(end - text);
    }

    private void AppendBytes(byte* text, int width)
    {
        if (text == null)
        {
            Pad(width - 6, (byte)' ');
            fixed (char* none = "(null)")
            {
                Append(none, 6);
            }

            return;
        }

        Pad(width - LengthOf(text), (byte)' ');
        while (*text != 0)
        {
            PutForeign(*text++);
        }
    }

    private void AppendQuoted(byte* text)
    {
        while (text != null && *text != 0)
        {
            if (*text == '"' || *text == '\\')
            {
                Put((byte)'\\');
            }

            PutForeign(*text++);
        }
    }

    // A byte that came from outside: it must not move the cursor, end the line, or begin an escape sequence.
    private void PutForeign(byte value)
    {
        if (value >= ' ' && value != 0x7f)
        {
            Put(value);
            return;
        }

        Put((byte)'\\');
        Put((byte)'x');
        Hexadecimal(value, 2, (byte)'0');
    }

    private void Append(char* text, int length)
    {
        for (int i = 0; i < length; i++)
        {
            Put((byte)text[i]);
        }
    }

    private void Format(char* format, int length)
    {
        int next = 0;
        for (int i = 0; i < length; i++)
        {
            char c = format[i];
            if (c == '\n')
            {
                EndLine();
                continue;
            }

            if (c != '%')
            {
                Put((byte)c);
                continue;
            }

            byte pad = (byte)' ';
            int width = 0;
            i++;
            if (format[i] == '0')
            {
                pad = (byte)'0';
            }

            while (format[i] >= '0' && format[i] <= '9')
            {
                width = width * 10 + (format[i] - '0');
                i++;
            }

            switch (format[i])
            {
                case 'd':
                    Decimal(_arguments[next++], width, pad);
                    break;
                case 'x':
                    Hexadecimal(_arguments[next++], width, pad);
                    break;
                case 's':
                    AppendBytes((byte*)(nuint)_arguments[next++], width);
                    break;
                case 't':
                    Append((char*)(nuint)_arguments[next], (int)_arguments[next + 1]);
                    next += 2;
                    break;
                case 'q':
                    AppendQuoted((byte*)(nuint)_arguments[next++]);
                    break;
                case 'c':
                    Put((byte)_arguments[next++]);
                    break;
                default:
                    Put((byte)format[i]);
                    break;
            }
        }
    }

    private void Hexadecimal(ulong value, int width, byte pad)
    {
        int digits = 1;
        while (digits < 16 && (value >> (4 * digits)) != 0)
        {
            digits++;
        }

        Pad(width - digits, pad);
        for (int i = digits - 1; i >= 0; i--)
        {
            uint digit = (uint)(value >> (4 * i)) & 15;
            Put((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    private void Decimal(ulong value, int width, byte pad)
    {
        int count = 0;
        do
        {
            _digits[count++] = (byte)('0' + (uint)(value % 10));
            value /= 10;
        }
        while (value != 0);

        Pad(width - count, pad);
        while (count > 0)
        {
            Put(_digits[--count]);
        }
    }

    private void Pad(int count, byte pad)
    {
        for (int i = 0; i < count; i++)
        {
            Put(pad);
        }
    }

    private void Put(byte value)
    {
        if (_length >= LineCapacity - 3)
        {
            _cut = true;
            return;
        }

        _line[_length++] = value;
    }

    private void EndLine()
    {
        if (_cut)
        {
            _line[_length++] = (byte)'.';
            _line[_length++] = (byte)'.';
            _line[_length++] = (byte)'.';
        }

        int length = _length;
        _length = 0;
        _cut = false;
        if (_sink != null)
        {
            fixed (byte* line = _line)
            {
                _sink(_context, line, length);
            }
        }
    }
}
