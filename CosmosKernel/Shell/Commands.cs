namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>The commands of this image, in the order help lists them. Set once, before the shell starts.</summary>
internal static class Commands
{
    private static Command[] s_all;

    /// <summary>All commands.</summary>
    internal static Command[] All => s_all;

    /// <summary>Names the commands: first those that every image of this heap has, then those of the toolchain.</summary>
    internal static void Use(Command[] shared, Command[] more)
    {
        Command[] all = new Command[shared.Length + more.Length];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = i < shared.Length ? shared[i] : more[i - shared.Length];
        }

        s_all = all;
    }

    /// <summary>The command that the first word of a line names, which is not cut into words yet; or null.</summary>
    internal static Command FindAt(ref CommandInput line)
    {
        int start = 0;
        while (start < line.Length && line[start] == ' ')
        {
            start++;
        }

        for (int i = 0; i < s_all.Length; i++)
        {
            string name = s_all[i].Name;
            bool same = start + name.Length < line.Length && line[start + name.Length] == ' ';
            for (int at = 0; at < name.Length && same; at++)
            {
                same = line[start + at] == name[at];
            }

            if (same)
            {
                return s_all[i];
            }
        }

        return null;
    }

    /// <summary>The command of a typed name, or null.</summary>
    internal static Command Find(ref CommandInput input)
    {
        for (int i = 0; i < s_all.Length; i++)
        {
            if (input.Is(0, s_all[i].Name))
            {
                return s_all[i];
            }
        }

        return null;
    }
}
