namespace CosmosBootAlloc.Plugs.Collection;

/// <summary>The collector's loop over an array of references. <c>ReferencesPlug</c> has it in assembler.</summary>
internal static unsafe class References
{
    /// <summary>
    /// Marks the objects without references that an array's elements point at, until one needs more than that. O(elements passed).
    /// </summary>
    /// <param name="at">The address in a reference, its upper half.</param>
    /// <param name="end">Where the array ends.</param>
    /// <param name="imageStart">First byte of the image; what lies in it has no mark.</param>
    /// <param name="imageBytes">Its size.</param>
    /// <param name="first">As <see cref="ReferenceMaps.First"/>.</param>
    /// <param name="types">As <see cref="ReferenceMaps.Types"/>.</param>
    /// <returns>The reference to an object that is not marked and may have references; at or behind <paramref name="end"/> if there is
    /// none.</returns>
    internal static uint* MarkLeaves(uint* at, uint* end, uint imageStart, uint imageBytes, uint* first, uint types)
    {
        for (; at < end; at += 2)
        {
            uint reference = *at;
            if (reference == 0 || reference - imageStart < imageBytes)
            {
                continue;
            }

            uint* child = (uint*)reference;
            if ((child[-1] & Marks.Mark) != 0)
            {
                continue;
            }

            if (child[1] != Marks.KindObject || child[0] >= types || first[child[0]] != 0)
            {
                break;
            }

            child[-1] += Marks.Mark;
        }

        return at;
    }
}
