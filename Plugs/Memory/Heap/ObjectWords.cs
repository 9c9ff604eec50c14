using System.Runtime.CompilerServices;

namespace CosmosBootAlloc.Memory.Heap;

/// <summary>
/// The loops of a collection over the first words of a slab's objects: about 5 to 8 instructions an object. A toolchain whose compiler
/// needs more may plug these.
/// </summary>
public static unsafe class ObjectWords
{
    /// <summary>
    /// The first object in [<paramref name="at"/>, <paramref name="end"/>) whose first word has any of some bits, or
    /// <paramref name="end"/>. O(objects passed).
    /// </summary>
    /// <param name="at">First byte of an object.</param>
    /// <param name="end">Where the objects end, exclusive.</param>
    /// <param name="bytes">Of each object.</param>
    /// <param name="bits">The bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* FindWith(byte* at, byte* end, uint bytes, uint bits)
    {
        while (at != end && (*(uint*)at & bits) == 0)
        {
            at += bytes;
        }

        return at;
    }

    /// <summary>
    /// Takes the mark from the objects that have it, and makes a free list of the others, from the last to the first, so that it ascends;
    /// its form is that of <see cref="Slab"/>. O(objects).
    /// </summary>
    /// <param name="first">First byte of the first object.</param>
    /// <param name="end">Where the last one ends, behind <paramref name="first"/>.</param>
    /// <param name="bytes">Of each object.</param>
    /// <param name="mark">The bit.</param>
    /// <returns>The list's word.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Sweep(byte* first, byte* end, uint bytes, uint mark)
    {
        byte* before = first - Slab.OffsetBias;
        uint count = Slab.FreeMark;
        uint list = Slab.NoneFree;
        byte* memory = end;
        do
        {
            memory -= bytes;
            if ((*(uint*)memory & mark) != 0)
            {
                *(uint*)memory ^= mark;
            }
            else
            {
                *(uint*)memory = list;
                count += Slab.CountStep;
                list = count + (uint)(memory - before);
            }
        }
        while (memory != first);

        return list;
    }
}
