namespace CosmosBootAlloc.Kernel.Devices.NativeAot;

/// <summary>
/// The PC keyboard: translates scan code set 1 from the 8042 to ASCII and to <see cref="Keys"/>, in the layout of
/// <see cref="KeyLayouts"/>.
/// </summary>
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
    private static bool s_altGr;
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

        if (key == 0x38 && extended)
        {
            s_altGr = pressed;
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
            return WithoutCharacter(key);
        }

        char c = KeyLayouts.Character(key, s_shift, s_altGr);
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (s_control && letter)
        {
            return (byte)(c & 0x1f);
        }

        return (byte)(letter && s_capsLock ? c ^ 0x20 : c);
    }

    private static byte WithoutCharacter(byte key)
        => key == 0x48 ? Keys.Up
            : key == 0x50 ? Keys.Down
            : key == 0x4b ? Keys.Left
            : key == 0x4d ? Keys.Right
            : key == 0x47 ? Keys.Home
            : key == 0x4f ? Keys.End
            : key == 0x53 ? Keys.Delete
            : key == 0x49 && s_shift ? Keys.LookBack
            : key == 0x51 && s_shift ? Keys.LookForth
            : (byte)0;
}
