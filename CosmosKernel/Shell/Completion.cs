using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// What the Tab key adds to a word: the rest of the only command or argument that begins like it, or what all that do have in common.
/// </summary>
internal static class Completion
{
    private const int ColumnWidth = 14;
    private const int Columns = 5;

    private static string s_first;
    private static Command s_command;
    private static int s_typed;
    private static int s_common;

    /// <summary>Commands or arguments that begin like the word.</summary>
    internal static int Choices { get; private set; }

    /// <summary>Characters to add.</summary>
    internal static int Length { get; private set; }

    /// <summary>One of them.</summary>
    internal static byte Added(int index) => s_typed + index < s_common ? (byte)s_first[s_typed + index] : (byte)' ';

    /// <summary>Looks for what the word may become.</summary>
    /// <param name="line">The line.</param>
    /// <param name="start">Where the word begins.</param>
    /// <param name="end">Where it ends: the cursor.</param>
    internal static void Find(ref CommandInput line, int start, int end)
    {
        s_typed = end - start;
        s_common = 0;
        Choices = 0;
        Length = 0;
        int words = WordsBefore(ref line, start);
        s_command = words == 1 ? Commands.FindAt(ref line) : null;
        if (words > 1 || (words == 1 && s_command == null))
        {
            return;
        }

        string candidate;
        for (int i = 0; (candidate = Candidate(i)) != null; i++)
        {
            if (Begins(candidate, ref line, start))
            {
                s_common = Choices++ == 0 ? candidate.Length : Common(candidate);
                s_first = Choices == 1 ? candidate : s_first;
            }
        }

        // The blank that ends a word is added behind the only one.
        Length = Choices == 0 ? 0 : s_common - s_typed + (Choices == 1 ? 1 : 0);
    }

    /// <summary>Shows what <see cref="Find"/> found.</summary>
    internal static void List(ref CommandInput line, int start, int end)
    {
        int shown = 0;
        string candidate;
        for (int i = 0; (candidate = Candidate(i)) != null; i++)
        {
            if (Begins(candidate, ref line, start))
            {
                Terminal.Text(candidate);
                bool last = ++shown == Choices || shown % Columns == 0;
                for (int width = candidate.Length; width < ColumnWidth && !last; width++)
                {
                    Terminal.Write((byte)' ');
                }

                if (last)
                {
                    Terminal.Text("\n");
                }
            }
        }
    }

    private static string Candidate(int index)
        => s_command != null ? s_command.Choice(index) : index < Commands.All.Length ? Commands.All[index].Name : null;

    private static int WordsBefore(ref CommandInput line, int start)
    {
        int words = 0;
        for (int i = 0; i < start; i++)
        {
            words += line[i] != ' ' && (i == 0 || line[i - 1] == ' ') ? 1 : 0;
        }

        return words;
    }

    private static bool Begins(string candidate, ref CommandInput line, int start)
    {
        bool same = candidate.Length >= s_typed;
        for (int i = 0; i < s_typed && same; i++)
        {
            same = line[start + i] == candidate[i];
        }

        return same;
    }

    private static int Common(string candidate)
    {
        int common = s_typed;
        while (common < s_common && common < candidate.Length && candidate[common] == s_first[common])
        {
            common++;
        }

        return common;
    }
}
