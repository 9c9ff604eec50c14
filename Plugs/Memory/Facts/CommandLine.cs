using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Facts;

/// <summary>
/// The kernel command line: words separated by spaces. The memory options (<c>mem=</c>, <c>memmap=</c>) are applied to the map by the e820 stage,
/// in their order; the others are flags. What is not known, or has a bad value, is reported and ignored.
/// </summary>
public unsafe struct CommandLine
{
    /// <summary>Run the long self-test at boot.</summary>
    public bool SelfTest;

    /// <summary>Run the benchmark at boot.</summary>
    public bool Bench;

    /// <summary>Turn the machine off instead of starting the shell.</summary>
    public bool PowerOff;

    /// <summary>Log more of what was found.</summary>
    public bool Debug;

    /// <summary>Keep the boot log off the screen.</summary>
    public bool Quiet;

    /// <summary>Write each line of the log as it comes, not when the heap is ready: for a boot that ends without a word.</summary>
    public bool EarlyPrintk;

    private byte* _text;

    /// <summary>Reads the flags; <paramref name="text"/> is NUL-terminated and must stay.</summary>
    public void Parse(KernelLog* log, byte* text)
    {
        _text = text;
        int at = 0;
        while (NextWord(ref at, out int start, out int length))
        {
            byte* word = text + start;
            SelfTest |= Is(word, length, "selftest");
            Bench |= Is(word, length, "bench");
            PowerOff |= Is(word, length, "poweroff");
            Debug |= Is(word, length, "debug");
            Quiet |= Is(word, length, "quiet");
            EarlyPrintk |= Is(word, length, "earlyprintk");
        }
    }

    /// <summary>Reports words that no option is. A word with a slash is the image's own path, which some loaders pass first.</summary>
    public void ReportUnknown(KernelLog* log)
    {
        byte* copy = stackalloc byte[MachineFacts.CommandLineCapacity];
        int at = 0;
        while (NextWord(ref at, out int start, out int length))
        {
            byte* word = _text + start;
            if (Known(word, length) || word[0] == '/' || word[0] == '(' || (start == 0 && HasSlash(word, length)))
            {
                continue;
            }

            Copy(copy, word, length);
            log->Text("Unknown option '");
            log->Bytes(copy, 0);
            log->Print("' ignored; known are mem= memmap= selftest bench poweroff debug quiet earlyprintk\n");
        }
    }

    /// <summary>Finds the next word from <paramref name="at"/> on, and moves it behind.</summary>
    /// <returns>False at the end.</returns>
    public bool NextWord(ref int at, out int start, out int length)
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

    /// <summary>If the word at <paramref name="start"/> is <paramref name="option"/> (with its '='), copies its value, NUL-terminated.</summary>
    /// <param name="start">Start of a word.</param>
    /// <param name="length">Its length.</param>
    /// <param name="option">The option with its '='.</param>
    /// <param name="value">Receives at most <see cref="MachineFacts.CommandLineCapacity"/> bytes.</param>
    public bool TakeValue(int start, int length, string option, byte* value)
    {
        if (!StartsWith(_text + start, length, option))
        {
            return false;
        }

        Copy(value, _text + start + option.Length, length - option.Length);
        return true;
    }

    private static bool Known(byte* word, int length)
    {
        return Is(word, length, "selftest") || Is(word, length, "bench") || Is(word, length, "poweroff") || Is(word, length, "debug")
            || Is(word, length, "quiet") || Is(word, length, "earlyprintk") || StartsWith(word, length, "mem=") || StartsWith(word, length, "memmap=");
    }

    private static bool Is(byte* word, int length, string text) => length == text.Length && StartsWith(word, length, text);

    private static bool StartsWith(byte* word, int length, string text)
    {
        if (length < text.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (word[i] != text[i])
            {
                return false;
            }
        }

        return true;
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
