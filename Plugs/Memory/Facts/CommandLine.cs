using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Facts;

/// <summary>
/// The kernel command line: words separated by spaces, each an option of <see cref="KernelOptions"/>. Flags are read once by <see
/// cref="Parse"/>; options with a value are applied by their users, in command-line order. Unknown words are reported and ignored.
/// </summary>
public unsafe struct CommandLine
{
    private byte* _text;
    private uint _given;
    private bool _hasValues;

    /// <summary>Run the long self-test at boot.</summary>
    public readonly bool SelfTest => Has(KernelOption.SelfTest);

    /// <summary>Run the benchmark at boot.</summary>
    public readonly bool Bench => Has(KernelOption.Bench);

    /// <summary>Turn the machine off instead of starting the shell.</summary>
    public readonly bool PowerOff => Has(KernelOption.PowerOff);

    /// <summary>Log more of what was found.</summary>
    public readonly bool Debug => Has(KernelOption.Debug);

    /// <summary>Keep the boot log off the screen.</summary>
    public readonly bool Quiet => Has(KernelOption.Quiet);

    /// <summary>Write each line of the log at once, not when the heap is ready.</summary>
    public readonly bool EarlyPrintk => Has(KernelOption.EarlyPrintk);

    /// <summary>True when the command line has the option.</summary>
    public readonly bool Has(KernelOption option) => (_given & (1u << (int)option)) != 0;

    /// <summary>Records which options are present.</summary>
    /// <param name="text">NUL-terminated; must stay valid.</param>
    public void Parse(byte* text)
    {
        _text = text;
        _given = 0;
        _hasValues = false;
        int at = 0;
        while (NextWord(ref at, out int start, out int length))
        {
            KernelOption option = KernelOptions.Find(text + start, length);
            if (option != KernelOption.None)
            {
                _given |= 1u << (int)option;
                _hasValues |= KernelOptions.TakesValue(option);
            }
        }
    }

    /// <summary>Reports words that are not options. A word with a slash is the image's own path, which some loaders pass first.</summary>
    public readonly void ReportUnknown(KernelLog* log)
    {
        byte* copy = stackalloc byte[MachineFacts.CommandLineCapacity];
        int at = 0;
        while (NextWord(ref at, out int start, out int length))
        {
            byte* word = _text + start;
            bool isPath = word[0] == '/' || word[0] == '(' || (start == 0 && HasSlash(word, length));
            if (isPath || KernelOptions.Find(word, length) != KernelOption.None)
            {
                continue;
            }

            Copy(copy, word, length);
            log->Text("Unknown option '");
            log->Bytes(copy, 0);
            log->Text("' ignored; known are");
            for (KernelOption option = 0; option < KernelOption.None; option++)
            {
                log->Text(" ");
                log->Text(KernelOptions.Name(option));
            }

            log->Print("\n");
        }
    }

    /// <summary>Finds the next option with a value from <paramref name="at"/> on, and moves <paramref name="at"/> past it.</summary>
    /// <param name="at">Where to continue; 0 at first.</param>
    /// <param name="value">Receives the NUL-terminated value: at most <see cref="MachineFacts.CommandLineCapacity"/> bytes.</param>
    /// <returns>The option, or <see cref="KernelOption.None"/> at the end.</returns>
    public readonly KernelOption NextValue(ref int at, byte* value)
    {
        while (_hasValues && NextWord(ref at, out int start, out int length))
        {
            KernelOption option = KernelOptions.Find(_text + start, length);
            if (option != KernelOption.None && KernelOptions.TakesValue(option))
            {
                int nameLength = KernelOptions.Name(option).Length;
                Copy(value, _text + start + nameLength, length - nameLength);
                return option;
            }
        }

        return KernelOption.None;
    }

    private readonly bool NextWord(ref int at, out int start, out int length)
    {
        while (_text[at] == ' ' || _text[at] == '\t')
        {
            at++;
        }

        start = at;
        while (_text[at] != 0 && _text[at] != ' ' && _text[at] != '\t')
        {
            at++;
        }

        length = at - start;
        return length != 0;
    }

    private static bool HasSlash(byte* word, int length)
    {
        for (int i = 0; i < length; i++)
        {
            if (word[i] == '/')
            {
                return true;
            }
        }

        return false;
    }

    private static void Copy(byte* to, byte* from, int length)
    {
        for (int i = 0; i < length; i++)
        {
            to[i] = from[i];
        }

        to[length] = 0;
    }
}
