namespace CosmosBootAlloc.Kernel.Devices.NativeAot;

/// <summary>
/// The keyboard layouts: what each key of scan code set 1 types, alone, with Shift, and with AltGr. The index is the scan code; <c>\0</c>
/// types nothing, which includes what is not ASCII: the shell has no use for it.
/// </summary>
internal static class KeyLayouts
{
    private const string Keypad = "\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\0789-456+1230.\0\0";

    // The place of the one in use; its strings are constants, which need no class constructor.
    private static int s_used;

    /// <summary>What a key types.</summary>
    /// <param name="key">Its scan code.</param>
    /// <param name="shift">With Shift.</param>
    /// <param name="altGr">With AltGr; for a key that has nothing there, as without.</param>
    internal static char Character(byte key, bool shift, bool altGr)
    {
        string pairs = altGr ? AltGr() : "";
        for (int i = 0; i < pairs.Length; i += 2)
        {
            if (pairs[i] == key)
            {
                return pairs[i + 1];
            }
        }

        string typed = shift ? Shifted() : Plain();
        return key < typed.Length ? typed[key] : '\0';
    }

    /// <summary>Uses a layout.</summary>
    /// <param name="index">Its place among <c>LayoutNames</c>.</param>
    internal static void Use(int index)
    {
        s_used = index;
    }

    private static string Plain()
        => s_used == 0 ? "\0\u001b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./" + Keypad + "\\"
            : s_used == 1 ? "\0\u001b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0#zxcvbnm,./" + Keypad + "\\"
            : s_used == 2 ? "\0\u001b1234567890\0\0\b\tqwertzuiop\0+\n\0asdfghjkl\0\0^\0#yxcvbnm,.-" + Keypad + "<"
            : "\0\u001b&\0\"'(-\0_\0\0)=\b\tazertyuiop^$\n\0qsdfghjklm\0\0\0*wxcvbn,;:!" + Keypad + "<";

    private static string Shifted()
        => s_used == 0 ? "\0\u001b!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?" + Keypad + "|"
            : s_used == 1 ? "\0\u001b!\"\0$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:@\0\0~ZXCVBNM<>?" + Keypad + "|"
            : s_used == 2 ? "\0\u001b!\"\0$%&/()=?`\b\tQWERTZUIOP\0*\n\0ASDFGHJKL\0\0\0\0'YXCVBNM;:_" + Keypad + ">"
            : "\0\u001b1234567890\0+\b\tAZERTYUIOP\0\0\n\0QSDFGHJKLM%\0\0\0WXCVBN?./\0" + Keypad + ">";

    // Pairs of a scan code and what it types.
    private static string AltGr()
        => s_used == 0 ? ""
            : s_used == 1 ? "\u0029|"
            : s_used == 2 ? "\u0008{\u0009[\u000a]\u000b}\u000c\\\u0010@\u001b~\u0056|"
            : "\u0003~\u0004#\u0005{\u0006[\u0007|\u0008`\u0009\\\u000a^\u000b@\u000c]\u000d}";
}
