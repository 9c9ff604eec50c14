namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// What the kernel command line changes in the memory map: <c>mem=</c> and <c>memmap=</c>.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><c>mem=SIZE</c>: RAM from SIZE up is removed.</item>
/// <item><c>memmap=exactmap</c>: the map is emptied; what follows builds a new one.</item>
/// <item><c>memmap=SIZE@START</c>, <c>#</c>, <c>$</c>, <c>!</c>: adds RAM, ACPI data, reserved, persistent memory.</item>
/// <item><c>memmap=SIZE</c>: as <c>mem=</c>.</item>
/// </list>
/// Numbers are decimal, 0x-hexadecimal or 0-octal, with an optional suffix K, M or G. <see cref="ApplyMem"/> and <see cref="ApplyMemMap"/>
/// are as lenient as 2.6.34: an unreadable number counts as 0, and <c>memmap=128Mx</c> both takes effect and is refused. Callers that
/// would rather ignore bad values check <see cref="IsMem"/> first or call <see cref="TryMemMap"/>. Values are NUL-terminated.
/// </remarks>
public static unsafe class BootOptions
{
    /// <summary>Applies the value of <c>mem=</c> to the map; logs the removal. 2.6.34 parse_memopt, 64-bit.</summary>
    /// <returns>False when <paramref name="value"/> is null.</returns>
    public static bool ApplyMem(E820Map* map, byte* value)
    {
        if (value == null)
        {
            return false;
        }

        Apply(map, 0, ParseSize(&value), E820Type.Any);
        return true;
    }

    /// <summary>Applies the value of one <c>memmap=</c> to the map. 2.6.34 parse_memmap_opt.</summary>
    /// <param name="map">The map to change.</param>
    /// <param name="value">The text after the equals sign.</param>
    /// <param name="persistent">True: <c>SIZE!START</c> adds persistent memory, as in later kernels. False: <c>!</c> is unknown, as in
    /// 2.6.34.</param>
    /// <returns>False for a bad value, Linux's -EINVAL; it may still have taken effect.</returns>
    public static bool ApplyMemMap(E820Map* map, byte* value, bool persistent)
    {
        if (value == null)
        {
            return false;
        }

        if (StartsWith(value, "exactmap"))
        {
            Empty(map);
            return true;
        }

        byte* start = value;
        ulong size = ParseSize(&value);
        if (value == start)
        {
            return false;
        }

        uint type = TypeOfMark(*value, persistent);
        ulong from = 0;
        if (type != E820Type.Any)
        {
            value++;
            from = ParseSize(&value);
        }

        Apply(map, from, size, type);
        return *value == 0;
    }

    /// <summary>True if <paramref name="value"/> is a whole, non-zero size below 2^64: fit for <see cref="ApplyMem"/>.</summary>
    public static bool IsMem(byte* value)
    {
        return value != null && Scan(&value, out ulong size) && *value == 0 && size != 0;
    }

    /// <summary>
    /// As <see cref="ApplyMemMap"/>, but only if <paramref name="value"/> is exactly one of the forms above, with a non-zero size and an
    /// end of at most 2^64-1. It is read once.
    /// </summary>
    /// <returns>False, with nothing changed, for anything else.</returns>
    public static bool TryMemMap(E820Map* map, byte* value, bool persistent)
    {
        if (value == null)
        {
            return false;
        }

        if (StartsWith(value, "exactmap"))
        {
            if (value[8] == 0)
            {
                Empty(map);
            }

            return value[8] == 0;
        }

        bool exact = Scan(&value, out ulong size) && size != 0;
        uint type = E820Type.Any;
        ulong start = 0;
        if (*value != 0)
        {
            type = TypeOfMark(*value, persistent);
            value++;
            exact = exact && type != E820Type.Any && Scan(&value, out start) && *value == 0 && size <= ulong.MaxValue - start;
        }

        if (exact)
        {
            Apply(map, start, size, type);
        }

        return exact;
    }

    /// <summary>
    /// Reads a number with an optional suffix and moves <paramref name="text"/> past it; without a digit the result is 0 and only a suffix
    /// is skipped. Numbers over 64 bits are truncated. 2.6.34 memparse.
    /// </summary>
    public static ulong ParseSize(byte** text)
    {
        Scan(text, out ulong value);
        return value;
    }

    private static void Empty(E820Map* map)
    {
        map->Table.Clear();
        map->MarkUserDefined();
    }

    /// <summary>Adds a range; of type <see cref="E820Type.Any"/>, removes RAM from the size up instead.</summary>
    private static void Apply(E820Map* map, ulong start, ulong size, uint type)
    {
        map->MarkUserDefined();
        if (type == E820Type.Any)
        {
            RemoveRamFrom(map, size);
            return;
        }

        map->Add(start, size, type);
    }

    private static void RemoveRamFrom(E820Map* map, ulong size)
    {
        map->Remove(size, ulong.MaxValue - size, E820Type.Ram, true);
    }

    private static uint TypeOfMark(byte mark, bool persistent)
    {
        switch (mark)
        {
            case (byte)'@':
                return E820Type.Ram;
            case (byte)'#':
                return E820Type.Acpi;
            case (byte)'$':
                return E820Type.Reserved;
            case (byte)'!':
                return persistent ? E820Type.Persistent : E820Type.Any;
            default:
                return E820Type.Any;
        }
    }

    /// <summary>Returns true when there was a digit and the value, with its suffix, fits 64 bits.</summary>
    private static bool Scan(byte** text, out ulong value)
    {
        byte* p = *text;
        uint numberBase = 10;
        if (p[0] == '0')
        {
            numberBase = 8;
            if ((p[1] | 0x20) == 'x' && Digit(p[2]) < 16)
            {
                numberBase = 16;
                p += 2;
            }
        }

        // Nearly all numbers fit 28 bits; the rest of a longer one is added with care.
        uint digit = Digit(*p);
        bool fits = digit < numberBase;
        uint low = 0;
        while (digit < numberBase && low < 1u << 28)
        {
            low = low * numberBase + digit;
            p++;
            digit = Digit(*p);
        }

        value = low;
        ulong largest = numberBase == 10 ? ulong.MaxValue / 10 : numberBase == 8 ? ulong.MaxValue >> 3 : ulong.MaxValue >> 4;
        while (digit < numberBase)
        {
            ulong larger = value * numberBase;
            fits = fits && value <= largest && larger + digit >= larger;
            value = larger + digit;
            p++;
            digit = Digit(*p);
        }

        int shift = SuffixShift(*p);
        if (shift != 0)
        {
            fits = fits && value <= (ulong.MaxValue >> shift);
            value <<= shift;
            p++;
        }

        *text = p;
        return fits;
    }

    private static int SuffixShift(byte suffix)
    {
        switch (suffix | 0x20)
        {
            case 'k':
                return 10;
            case 'm':
                return 20;
            case 'g':
                return 30;
            default:
                return 0;
        }
    }

    /// <summary>0..15 for a hexadecimal digit, 16 for anything else.</summary>
    private static uint Digit(byte c)
    {
        if (c >= '0' && c <= '9')
        {
            return (uint)(c - '0');
        }

        uint letter = (uint)(c | 0x20);
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : 16;
    }

    private static bool StartsWith(byte* text, string prefix)
    {
        for (int i = 0; i < prefix.Length; i++)
        {
            if (text[i] != prefix[i])
            {
                return false;
            }
        }

        return true;
    }
}
