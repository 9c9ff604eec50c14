using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.BootSummary;

/// <summary>
/// The rows of the summary as they are written: a label, items separated by commas and broken between rows at an item, and behind each row
/// three digits that check its letters and digits. <c>SummaryText</c> of the host's tool reads them back.
/// </summary>
internal unsafe struct SummaryRow
{
    private const int LabelWidth = 11;
    private const int TextWidth = 75;
    private const int CodeColumn = 76;

    private fixed byte _text[TextWidth + 1];
    private int _length;
    private bool _continues;
    private bool _filled;
    private bool _alarm;
    private bool _serial;
    private Crc32 _all;

    /// <summary>Begins a summary.</summary>
    /// <param name="serial">It goes to COM1 too, not to the screen alone.</param>
    internal void Begin(bool serial)
    {
        _length = 0;
        _filled = false;
        _alarm = false;
        _serial = serial;
        _all.Begin();
    }

    /// <summary>Begins a row with a label of at most ten characters.</summary>
    internal void Label(byte* label, int length)
    {
        _continues = false;
        _filled = false;
        _length = 0;
        for (int i = 0; i < LabelWidth; i++)
        {
            Put(i < length && i < LabelWidth - 1 ? label[i] : (byte)' ');
        }
    }

    /// <summary>Begins a row with a label of at most ten characters.</summary>
    internal void Label(string label)
    {
        _continues = false;
        _filled = false;
        _length = 0;
        for (int i = 0; i < LabelWidth; i++)
        {
            Put(i < label.Length ? (byte)label[i] : (byte)' ');
        }
    }

    /// <summary>The row is bad news.</summary>
    internal void Alarm()
    {
        _alarm = true;
    }

    /// <summary>Adds an item; begins another row when this one has no room for it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Item(byte* item, int length)
    {
        if (_filled)
        {
            Put((byte)',');
            if (_length + 1 + length > TextWidth - 1)
            {
                End();
                _continues = true;
                for (int i = 0; i < LabelWidth; i++)
                {
                    Put((byte)' ');
                }
            }
            else
            {
                Put((byte)' ');
            }
        }

        for (int i = 0; i < length; i++)
        {
            Put(item[i]);
        }

        _filled = true;
    }

    /// <summary>Writes the row, with its check code.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void End()
    {
        Crc32 row = default;
        row.Begin();

        // A row that goes on with the one above is told from one with a label by its code: blanks may get lost on paper.
        Check(ref row, _continues ? (byte)1 : (byte)0);
        for (int i = 0; i < _length; i++)
        {
            byte c = _text[i];
            if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            {
                Check(ref row, c >= 'A' && c <= 'Z' ? (byte)(c + 32) : c);
            }
        }

        if (_alarm)
        {
            TextScreen.SetAttribute(TextScreen.Alarm);
        }

        for (int i = 0; i < CodeColumn; i++)
        {
            if (i == 0 && !_continues && !_alarm)
            {
                TextScreen.SetAttribute(TextScreen.Bright);
            }
            else if (i == LabelWidth && !_alarm)
            {
                TextScreen.SetAttribute(TextScreen.Normal);
            }

            Write(i < _length ? _text[i] : (byte)' ');
        }

        TextScreen.SetAttribute(TextScreen.Normal);
        Number(row.Value % 1000, 100);
        Write((byte)'\n');
        _length = 0;
        _alarm = false;
    }

    /// <summary>Writes the last row: the check code of all rows, and what it is for.</summary>
    internal void EndAll(string purpose)
    {
        Label("code");
        for (int i = 0; i < LabelWidth; i++)
        {
            Write(_text[i]);
        }

        Number(_all.Value, 1000000000);
        for (int i = 0; i < purpose.Length; i++)
        {
            Write((byte)purpose[i]);
        }

        Write((byte)'\n');
        _length = 0;
    }

    // Decimal, because a camera reads digits best.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Number(uint value, uint divisor)
    {
        for (; divisor != 0; divisor /= 10)
        {
            Write((byte)('0' + (value / divisor % 10)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Check(ref Crc32 row, byte value)
    {
        row.Add(value);
        _all.Add(value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Put(byte value)
    {
        if (_length < TextWidth)
        {
            _text[_length++] = value;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Write(byte value)
    {
        if (_serial)
        {
            Terminal.Write(value);
        }
        else
        {
            Terminal.WriteScreen(value);
        }
    }
}
