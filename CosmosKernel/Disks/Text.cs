namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>Text in the bytes of a sector.</summary>
internal static unsafe class Text
{
    /// <summary>Whether bytes begin with a text.</summary>
    internal static bool Is(byte* bytes, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (bytes[i] != text[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes a text.</summary>
    /// <returns>The byte behind it.</returns>
    internal static byte* Put(byte* to, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            *to++ = (byte)text[i];
        }

        return to;
    }

    /// <summary>Writes a number in decimal, with zeros in front up to a number of digits.</summary>
    /// <returns>The byte behind it.</returns>
    internal static byte* PutDecimal(byte* to, uint value, int digits)
    {
        uint unit = 1;
        int needed = 1;
        for (; needed < digits || value / unit >= 10; needed++)
        {
            unit *= 10;
        }

        for (; unit != 0; unit /= 10)
        {
            *to++ = (byte)('0' + (value / unit % 10));
        }

        return to;
    }

    /// <summary>Writes a number in hexadecimal, with all eight digits.</summary>
    /// <returns>The byte behind it.</returns>
    internal static byte* PutHexadecimal(byte* to, uint value)
    {
        for (int shift = 28; shift >= 0; shift -= 4)
        {
            uint digit = (value >> shift) & 15;
            *to++ = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        return to;
    }
}
