namespace CosmosBootAlloc.Memory.Facts;

/// <summary>The options of the kernel command line, in the order in which help lists them.</summary>
public enum KernelOption
{
    /// <summary>Removes RAM above a size; applied to the map by the e820 stage.</summary>
    Mem,

    /// <summary>Changes the map; applied by the e820 stage.</summary>
    MemMap,

    /// <summary>Run the long self-test at boot.</summary>
    SelfTest,

    /// <summary>Run the benchmark at boot.</summary>
    Bench,

    /// <summary>Turn the machine off instead of starting the shell.</summary>
    PowerOff,

    /// <summary>Log more, and check every heap operation.</summary>
    Debug,

    /// <summary>Keep the boot off the screen.</summary>
    Quiet,

    /// <summary>Write each line of the log at once instead of holding it until the heap is ready.</summary>
    EarlyPrintk,

    /// <summary>The serial port that the log and the shell use.</summary>
    Console,

    /// <summary>The number of options, and the result of a search that finds none.</summary>
    None,
}

/// <summary>
/// The one table of options: a row has the option, its name and its help text. The parser follows from the name: one that ends in '=' takes
/// a value, which its user reads with <see cref="CommandLine.NextValue"/>; any other is a flag, which its user queries with <see
/// cref="CommandLine.Has"/>.
/// </summary>
/// <remarks>A switch, because it is read before there is a heap for arrays.</remarks>
public static class KernelOptions
{
    /// <summary>One row of the table.</summary>
    /// <param name="option">The option; below <see cref="KernelOption.None"/>.</param>
    /// <param name="name">Receives its word on the command line, with the '=' when it takes a value.</param>
    /// <param name="help">Receives one line of help.</param>
    public static void Row(KernelOption option, out string name, out string help)
    {
        switch (option)
        {
            case KernelOption.Mem:
                name = "mem=";
                help = "SIZE: ignores RAM from SIZE up, as in mem=64M";
                return;
            case KernelOption.MemMap:
                name = "memmap=";
                help = "exactmap, SIZE, SIZE@START (RAM), SIZE#START (ACPI), SIZE$START (reserved), SIZE!START (persistent);"
                    + " several with commas";
                return;
            case KernelOption.SelfTest:
                name = "selftest";
                help = "runs the long self-test at boot";
                return;
            case KernelOption.Bench:
                name = "bench";
                help = "runs the benchmark at boot";
                return;
            case KernelOption.PowerOff:
                name = "poweroff";
                help = "turns the machine off instead of starting the shell";
                return;
            case KernelOption.Debug:
                name = "debug";
                help = "logs more and checks every object of the heaps";
                return;
            case KernelOption.Quiet:
                name = "quiet";
                help = "keeps the summary off the screen";
                return;
            case KernelOption.Console:
                name = "console=";
                help = "ttyS0 to ttyS3: log and shell on COM1 to COM4; without it on COM1";
                return;
            default:
                name = "earlyprintk";
                help = "writes each line of the log at once, not when the heap is ready: for a boot that ends silently";
                return;
        }
    }

    /// <summary>The option's word, with its '=' when it takes a value.</summary>
    public static string Name(KernelOption option)
    {
        Row(option, out string name, out string _);
        return name;
    }

    /// <summary>What the option does, as one line of help.</summary>
    public static string Help(KernelOption option)
    {
        Row(option, out string _, out string help);
        return help;
    }

    /// <summary>True for an option with a value: its name ends in '='.</summary>
    public static bool TakesValue(KernelOption option)
    {
        string name = Name(option);
        return name[name.Length - 1] == '=';
    }

    /// <summary>The option that a word names, or <see cref="KernelOption.None"/>.</summary>
    /// <param name="word">First byte of the word.</param>
    /// <param name="length">Bytes of the word; with its value, if it has one.</param>
    public static unsafe KernelOption Find(byte* word, int length)
    {
        for (KernelOption option = 0; option < KernelOption.None; option++)
        {
            string name = Name(option);
            if (word[0] == name[0]
                && (length == name.Length || (length > name.Length && name[name.Length - 1] == '='))
                && StartsWith(word, name))
            {
                return option;
            }
        }

        return KernelOption.None;
    }

    /// <summary>True for a NUL-terminated word that starts with that text.</summary>
    public static unsafe bool StartsWith(byte* word, string name)
    {
        for (int i = 0; i < name.Length; i++)
        {
            if (word[i] != name[i])
            {
                return false;
            }
        }

        return true;
    }
}
