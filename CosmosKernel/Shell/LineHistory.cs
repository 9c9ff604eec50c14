namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>The last lines that were run, for the up and down keys. It is part of the image.</summary>
internal static unsafe class LineHistory
{
    private const int MostLines = 16;
    private const int LineBytes = CommandInput.Capacity;

    private static Storage s_storage;
    private static int s_count;
    private static int s_next;

    /// <summary>Lines kept.</summary>
    internal static int Count => s_count;

    /// <summary>Keeps a line, unless it is empty or the last one again.</summary>
    internal static void Add(ref CommandInput line)
    {
        if (line.Length == 0 || (s_count > 0 && IsLast(ref line)))
        {
            return;
        }

        s_storage.Length[s_next] = line.Length;
        for (int i = 0; i < line.Length; i++)
        {
            s_storage.Bytes[(s_next * LineBytes) + i] = line[i];
        }

        s_next = (s_next + 1) % MostLines;
        s_count = s_count < MostLines ? s_count + 1 : MostLines;
    }

    /// <summary>Puts a line into the input in place of what is there.</summary>
    /// <param name="back">1 for the last one, up to <see cref="Count"/>; 0 for an empty line.</param>
    /// <param name="line">The input.</param>
    internal static void Recall(int back, ref CommandInput line)
    {
        line.Clear();
        if (back > 0)
        {
            int slot = Slot(back);
            for (int i = 0; i < s_storage.Length[slot]; i++)
            {
                line.Insert(i, s_storage.Bytes[(slot * LineBytes) + i]);
            }
        }
    }

    private static int Slot(int back) => (s_next - back + MostLines) % MostLines;

    private static bool IsLast(ref CommandInput line)
    {
        int slot = Slot(1);
        bool same = s_storage.Length[slot] == line.Length;
        for (int i = 0; i < line.Length && same; i++)
        {
            same = s_storage.Bytes[(slot * LineBytes) + i] == line[i];
        }

        return same;
    }

    private struct Storage
    {
        internal fixed byte Bytes[MostLines * LineBytes];
        internal fixed int Length[MostLines];
    }
}
