namespace CosmosBootAlloc.Kernel.Devices;

/// <summary>
/// What <see cref="Input"/> delivers beside ASCII: keys without a character, as bytes from 0x80 up. COM1 sends them as escape sequences
/// (<see cref="EscapeSequence"/>).
/// </summary>
internal static class Keys
{
    /// <summary>Ctrl-A: to the start of the line.</summary>
    internal const byte ControlA = 1;

    /// <summary>Ctrl-E: to its end.</summary>
    internal const byte ControlE = 5;

    /// <summary>Ctrl-K: erases up to its end.</summary>
    internal const byte ControlK = 11;

    /// <summary>Ctrl-U: erases the line.</summary>
    internal const byte ControlU = 21;

    /// <summary>The escape key, and the first byte of a sequence.</summary>
    internal const byte Escape = 27;

    /// <summary>What most terminals send for the backspace key.</summary>
    internal const byte Rubout = 127;

    internal const byte Up = 0x80;
    internal const byte Down = 0x81;
    internal const byte Left = 0x82;
    internal const byte Right = 0x83;
    internal const byte Home = 0x84;
    internal const byte End = 0x85;
    internal const byte Delete = 0x86;

    /// <summary>Shift and page up: a look back at what scrolled off the screen.</summary>
    internal const byte LookBack = 0x87;

    /// <summary>Shift and page down: forth again.</summary>
    internal const byte LookForth = 0x88;
}
