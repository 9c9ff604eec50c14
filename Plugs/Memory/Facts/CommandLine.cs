using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Facts;

/// <summary>
/// The kernel command line: words as <see cref="CommandWords"/> finds them, each an option of <see cref="KernelOptions"/>. Flags are read
/// once by <see cref="Parse"/>; options with a value are applied by their users, in command-line order. Unknown words are reported and
/// ignored. The struct must not move while a value is in use.
/// </summary>
public unsafe struct CommandLine
{
    private fixed byte _words[MachineFacts.CommandLineCapacity];
    private int _bytes;
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

    /// <summary>Splits the text into words and records which options are present.</summary>
    /// <param name="text">NUL-terminated, at most <see cref="MachineFacts.CommandLineCapacity"/> bytes; not used afterwards.</param>
    public void Parse(byte* text)
    {
        fixed (byte* words = _words)
        {
            _bytes = CommandWords.Split(text, words);
        }

        _given = 0;
        _hasValues = false;
        int at = 0;
        for (byte* word = NextWord(ref at, out int length); word != null; word = NextWord(ref at, out length))
        {
            KernelOption option = KernelOptions.Find(word, length);
            if (option != KernelOption.None)
            {
                _given |= 1u << (int)option;
                _hasValues |= KernelOptions.TakesValue(option);
            }
        }
    }

    /// <summary>
    /// Reports what was left out of the line, and words that are not options. A first word that is a file name is the image's own,
    /// which some loaders pass: with a slash or a dot, or after BOOT_IMAGE=.
    /// </summary>
    /// <param name="log">Where to.</param>
    /// <param name="facts">Knows what was left out.</param>
    public void Report(KernelLog* log, MachineFacts* facts)
    {
        if (facts->CommandLineLeftOut != 0)
        {
            log->Print(
                "The command line is too long: %d bytes are left out, %d are the most; left out from '",
                (ulong)facts->CommandLineLeftOut,
                MachineFacts.CommandLineCapacity - 1);
            log->Bytes(facts->LeftOut(), 0);
            log->Print("' on\n");
        }

        int at = 0;
        bool first = true;
        for (byte* word = NextWord(ref at, out int length); word != null; word = NextWord(ref at, out length))
        {
            bool isPath = word[0] == '/' || word[0] == '(' || (first && IsFileName(word, length));
            first = false;
            if (isPath || KernelOptions.Find(word, length) != KernelOption.None)
            {
                continue;
            }

            log->Text("Unknown option '");
            log->Bytes(word, 0);
            log->Text("' ignored; known are");
            for (KernelOption option = 0; option < KernelOption.None; option++)
            {
                log->Text(" ");
                log->Text(KernelOptions.Name(option));
            }

            log->Print("\n");
        }
    }

    /// <summary>
    /// The serial port that <c>console=ttySN</c> names last, from 0 for COM1 to 3; what stands behind a comma is ignored.
    /// </summary>
    /// <param name="log">Receives a line for each value that names none; null for nowhere.</param>
    public int ConsolePort(KernelLog* log)
    {
        int port = 0;
        int at = 0;
        KernelOption option;
        while ((option = NextValue(ref at, out byte* value)) != KernelOption.None)
        {
            if (option != KernelOption.Console)
            {
                continue;
            }

            if (KernelOptions.StartsWith(value, "ttyS") && value[4] >= '0' && value[4] <= '3' && (value[5] == 0 || value[5] == ','))
            {
                port = value[4] - '0';
            }
            else if (log != null)
            {
                log->Text("Bad value in 'console=");
                log->Bytes(value, 0);
                log->Print("' ignored: expected ttyS0, ttyS1, ttyS2, or ttyS3, which are COM1 to COM4\n");
            }
        }

        return port;
    }

    /// <summary>Finds the next option with a value from <paramref name="at"/> on, and moves <paramref name="at"/> past it.</summary>
    /// <param name="at">Where to continue; 0 at first.</param>
    /// <param name="value">The NUL-terminated value, in this struct; who changes it changes it back.</param>
    /// <returns>The option, or <see cref="KernelOption.None"/> at the end.</returns>
    public KernelOption NextValue(ref int at, out byte* value)
    {
        while (_hasValues)
        {
            byte* word = NextWord(ref at, out int length);
            if (word == null)
            {
                break;
            }

            KernelOption option = KernelOptions.Find(word, length);
            if (option == KernelOption.None)
            {
                continue;
            }

            string name = KernelOptions.Name(option);
            if (name[name.Length - 1] == '=')
            {
                value = word + name.Length;
                return option;
            }
        }

        value = null;
        return KernelOption.None;
    }

    // Null at the end.
    private byte* NextWord(ref int at, out int length)
    {
        length = 0;
        if (at == _bytes)
        {
            return null;
        }

        fixed (byte* words = _words)
        {
            byte* word = words + at;
            while (word[length] != 0)
            {
                length++;
            }

            at += length + 1;
            return word;
        }
    }

    // A word with '=' is an option, whatever its value looks like, but for the one in which PXELINUX passes the name.
    private static bool IsFileName(byte* word, int length)
    {
        bool isName = false;
        for (int i = 0; i < length; i++)
        {
            if (word[i] == '=')
            {
                return KernelOptions.StartsWith(word, "BOOT_IMAGE=");
            }

            isName |= word[i] == '/' || word[i] == '.';
        }

        return isName;
    }
}
