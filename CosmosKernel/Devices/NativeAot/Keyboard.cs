namespace CosmosBootAlloc.Kernel.Devices.NativeAot;

/// <summary>The PC keyboard: translates scan code set 1 from the 8042 to ASCII, US layout, with Shift and Caps Lock.</summary>
internal static class Keyboard
{
    private const ushort Data = 0x60;
    private const ushort Status = 0x64;
    private const byte OutputFull = 0x01;
    private const byte FromMouse = 0x20;
    private const byte Released = 0x80;
    private const byte Extended = 0xe0;

    private static bool s_shift;
    private static bool s_capsLock;
    private static bool s_control;
    private static bool s_extended;

    /// <summary>Takes one scan code from the controller.</summary>
    /// <param name="value">The character, or 0 for a key without one.</param>
    /// <returns>False if the controller holds nothing, or is missing: its status then reads as all ones.</returns>
    internal static bool TryRead(out byte value)
    {
        value = 0;
        byte status = Cpu.In8(Status);
        if ((status & OutputFull) == 0 || status == 0xff)
        {
            return false;
        }

        byte code = Cpu.In8(Data);
        if ((status & FromMouse) == 0)
        {
            value = Translate(code);
        }

        return true;
    }

    /// <summary>Nothing to do: keys wait in the controller, which <see cref="TryRead"/> asks.</summary>
    internal static void LetIn()
    {
    }

    private static byte Translate(byte code)
    {
        if (code == Extended)
        {
            s_extended = true;
            return 0;
        }

        bool extended = s_extended;
        s_extended = false;
        bool pressed = (code & Released) == 0;
        byte key = (byte)(code & ~Released);
        if ((key == 0x2a || key == 0x36) && !extended)
        {
            s_shift = pressed;
            return 0;
        }

        if (key == 0x1d)
        {
            s_control = pressed;
            return 0;
        }

        if (!pressed)
        {
            return 0;
        }

        if (key == 0x3a)
        {
            s_capsLock = !s_capsLock;
            return 0;
        }

        if (extended && key != 0x1c && key != 0x35)
        {
            return 0;
        }

        // Index = scan code; '\0' = no character.
        const string keypad = "\0*\0 \0\0\0\0\0\0\0\0\0\0\0\0\0789-456+1230.";
        const string plain = "\0\u001b1234567890-=\b\tqwertyuiop[]\n\0asdfghjkl;'`\0\\zxcvbnm,./" + keypad;
        const string shifted = "\0\u001b!@#$%^&*()_+\b\tQWERTYUIOP{}\n\0ASDFGHJKL:\"~\0|ZXCVBNM<>?" + keypad;
        if (key >= plain.Length)
        {
            return 0;
        }

        char c = plain[key];
        bool letter = c >= 'a' && c <= 'z';
        if (s_control && letter)
        {
            return (byte)(c - 'a' + 1);
        }

        return (byte)(s_shift != (letter && s_capsLock) ? shifted[key] : c);
    }
}
