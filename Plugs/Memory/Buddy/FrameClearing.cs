namespace CosmosBootAlloc.Memory;

/// <summary>
/// Clearing the table of page frames, the one piece of the page allocator's set-up whose cost grows with memory:
/// 2 MiB for 1 GiB. Whole cache lines at a time, so that the compilers use their widest store.
/// </summary>
internal static unsafe class FrameClearing
{
    private const uint FramesPerLine = 8;

    /// <summary>Zeroes <paramref name="count"/> frames from <paramref name="first"/>.</summary>
    internal static void Clear(PageFrame* first, uint count)
    {
        while (count >= FramesPerLine)
        {
            *(Line*)first = default;
            first += FramesPerLine;
            count -= FramesPerLine;
        }

        while (count != 0)
        {
            first->Forward = 0;
            first->Back = 0;
            first++;
            count--;
        }
    }

    /// <summary>Eight frames, 64 bytes.</summary>
    private struct Line
    {
        internal fixed ulong Words[(int)FramesPerLine];
    }
}
