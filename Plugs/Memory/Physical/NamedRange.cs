namespace CosmosBootAlloc.Memory.Physical;

/// <summary>A range of physical memory with its owner's name, stored by value so that nothing points into the loader's memory.</summary>
public unsafe struct NamedRange
{
    /// <summary>Bytes kept of a name, without the final 0.</summary>
    public const int NameLength = 23;

    /// <summary>The struct's size in 64-bit words: two addresses and the name. Tables of it are fixed buffers of words.</summary>
    public const int Words = 5;

    /// <summary>First byte.</summary>
    public ulong Start;

    /// <summary>First byte after the range.</summary>
    public ulong End;

    private fixed byte _name[NameLength + 1];

    /// <summary>Sets [<paramref name="start"/>, <paramref name="end"/>) in bytes and its owner; a long name is truncated.</summary>
    public void Set(ulong start, ulong end, string name)
    {
        Start = start;
        End = end;
        int length = name.Length < NameLength ? name.Length : NameLength;
        fixed (char* characters = name)
        {
            for (int i = 0; i < length; i++)
            {
                _name[i] = (byte)characters[i];
            }
        }

        _name[length] = 0;
    }

    /// <summary>True when both have one owner and no whole page lies between them.</summary>
    public bool Touches(NamedRange* other)
    {
        for (int i = 0; i <= NameLength; i++)
        {
            if (_name[i] != other->_name[i])
            {
                return false;
            }

            if (_name[i] == 0)
            {
                break;
            }
        }

        return PageSize.PfnDown(other->Start) <= PageSize.PfnUp(End) && PageSize.PfnDown(Start) <= PageSize.PfnUp(other->End);
    }

    /// <summary>Extends this range over another and what lies between.</summary>
    public void Join(NamedRange* other)
    {
        Start = other->Start < Start ? other->Start : Start;
        End = other->End > End ? other->End : End;
    }

    /// <summary>The owner's name, NUL-terminated; valid while the struct stays where it is.</summary>
    public static byte* Name(NamedRange* range)
    {
        return range->_name;
    }

    /// <summary>True when the owner's name is exactly this one.</summary>
    public static bool IsNamed(NamedRange* range, string name)
    {
        int length = name.Length;
        for (int i = 0; i < length; i++)
        {
            if (range->_name[i] != name[i])
            {
                return false;
            }
        }

        return range->_name[length] == 0;
    }
}
