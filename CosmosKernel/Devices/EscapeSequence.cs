namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>
/// The keys of a terminal at COM1: ECMA-48 sequences, as VT100, xterm and their kind send them, byte by byte. One that names no key of ours
/// is swallowed whole.
/// </summary>
internal struct EscapeSequence
{
    private const int None = 0;
    private const int Escaped = 1;
    private const int Inside = 2;

    private int _state;
    private int _number;

    /// <summary>Takes a byte.</summary>
    /// <returns>The character or key that it completes; 0 for none yet.</returns>
    internal byte Take(byte value)
    {
        if (value == Keys.Escape)
        {
            _state = Escaped;
            return 0;
        }

        if (_state == Escaped)
        {
            // "ESC [ A" or, in a terminal's other mode, "ESC O A". After any other byte, the escape stood alone.
            _state = value == '[' || value == 'O' ? Inside : None;
            _number = 0;
            return _state == Inside ? (byte)0 : value;
        }

        if (_state == None)
        {
            return value < 0x80 ? value : (byte)0;
        }

        if (value >= '0' && value <= '9')
        {
            _number = ((_number * 10) + value - '0') & 0xff;
            return 0;
        }

        // Parameters and intermediate bytes go on; a control character means that the sequence was cut.
        if (value >= 0x20 && value < 0x40)
        {
            return 0;
        }

        _state = None;
        return value < 0x20 ? value : Key(value);
    }

    // No switch: its table would be the one thing that does not fit the image's page of read-only data.
    private byte Key(byte final)
        => final >= 'A' && final <= 'D' ? (byte)(final == 'A' ? Keys.Up : final == 'B' ? Keys.Down : final == 'C' ? Keys.Right : Keys.Left)
            : final == 'H' ? Keys.Home
            : final == 'F' ? Keys.End
            : final != '~' ? (byte)0
            : _number == 1 || _number == 7 ? Keys.Home
            : _number == 4 || _number == 8 ? Keys.End
            : _number == 3 ? Keys.Delete
            : (byte)0;
}
