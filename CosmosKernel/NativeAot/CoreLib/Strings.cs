using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;

namespace System;

/// <summary>UTF-16 text: length, then the characters. Literals lie in the image and need no heap.</summary>
public sealed unsafe class String
{
    private readonly int _length;
    private char _firstChar;

    /// <summary>Number of UTF-16 units.</summary>
    public int Length
    {
        [Intrinsic]
        get => _length;
    }

    /// <summary>The unit at an index; out of range stops the kernel.</summary>
    [IndexerName("Chars")]
    public char this[int index]
    {
        [Intrinsic]
        get
        {
            if ((uint)index >= (uint)_length)
            {
                Fatal.Stop("string index out of range");
            }

            fixed (char* first = &_firstChar)
            {
                return first[index];
            }
        }
    }

    /// <summary>What <c>fixed</c> needs: the first unit, in place; for an empty string, whatever follows.</summary>
    public ref readonly char GetPinnableReference() => ref _firstChar;

    public static bool operator ==(string a, string b)
    {
        if ((object)a == b)
        {
            return true;
        }

        if ((object)a == null || (object)b == null || a._length != b._length)
        {
            return false;
        }

        for (int i = 0; i < a._length; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }

    public static bool operator !=(string a, string b) => !(a == b);

    public override bool Equals(object other) => other is string text && this == text;

    public override int GetHashCode()
    {
        uint hash = 0;
        for (int i = 0; i < _length; i++)
        {
            hash = hash * 31 + this[i];
        }

        return (int)hash;
    }

    public override string ToString() => this;
}
