
namespace System;

/// <summary>Block copies and clears, which the compiler calls by these names.</summary>
public static unsafe class SpanHelpers
{
    internal static void Memmove(ref byte destination, ref byte source, UIntPtr length)
    {
        fixed (byte* to = &destination, from = &source)
        {
            nuint count = length;
            if (to <= from)
            {
                for (nuint i = 0; i < count; i++)
                {
                    to[i] = from[i];
                }
            }
            else
            {
                for (nuint i = count; i != 0; i--)
                {
                    to[i - 1] = from[i - 1];
                }
            }
        }
    }

    internal static void ClearWithoutReferences(ref byte destination, UIntPtr length) => Fill(ref destination, 0, length);

    internal static void Fill(ref byte destination, byte value, UIntPtr length)
    {
        fixed (byte* to = &destination)
        {
            for (nuint i = 0; i < length; i++)
            {
                to[i] = value;
            }
        }
    }
}

/// <summary>Copies of structs that hold references; without a write barrier they are plain copies.</summary>
public static class Buffer
{
    internal static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, UIntPtr length)
    {
        SpanHelpers.Memmove(ref destination, ref source, length);
    }
}
