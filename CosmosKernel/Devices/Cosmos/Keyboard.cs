using System;
using Cosmos.System;
using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Kernel.Devices.Cosmos;

/// <summary>
/// The keyboard through Cosmos's driver, which reads the controller in its interrupt handler and translates with its scan map.
/// </summary>
internal static class Keyboard
{
    private const ushort ControllerStatus = 0x64;
    private const byte OutputFull = 0x01;
    private const byte NoController = 0xff;

    /// <summary>Takes the oldest key that Cosmos has queued.</summary>
    /// <param name="value">The character, or 0 for a key without one.</param>
    /// <returns>False if none is queued.</returns>
    internal static bool TryRead(out byte value)
    {
        value = 0;
        if (!KeyboardManager.TryReadKey(out KeyEvent key))
        {
            return false;
        }

        bool control = (key.Modifiers & ConsoleModifiers.Control) != 0;
        bool shift = (key.Modifiers & ConsoleModifiers.Shift) != 0;
        value = key.Key switch
        {
            ConsoleKeyEx.C when control => InputQueue.ControlC,
            ConsoleKeyEx.U when control => Keys.ControlU,
            ConsoleKeyEx.A when control => Keys.ControlA,
            ConsoleKeyEx.E when control => Keys.ControlE,
            ConsoleKeyEx.K when control => Keys.ControlK,
            ConsoleKeyEx.UpArrow => Keys.Up,
            ConsoleKeyEx.DownArrow => Keys.Down,
            ConsoleKeyEx.LeftArrow => Keys.Left,
            ConsoleKeyEx.RightArrow => Keys.Right,
            ConsoleKeyEx.Home => Keys.Home,
            ConsoleKeyEx.End => Keys.End,
            ConsoleKeyEx.Delete => Keys.Delete,
            ConsoleKeyEx.PageUp => shift ? Keys.LookBack : (byte)0,
            ConsoleKeyEx.PageDown => shift ? Keys.LookForth : (byte)0,
            ConsoleKeyEx.Tab => (byte)'\t',
            ConsoleKeyEx.Escape => Keys.Escape,
            ConsoleKeyEx.Enter or ConsoleKeyEx.NumEnter => (byte)'\n',
            ConsoleKeyEx.Backspace => (byte)'\b',
            _ => key.KeyChar < 128 ? (byte)key.KeyChar : (byte)0,
        };
        return true;
    }

    /// <summary>
    /// If a key waits in the controller, lets Cosmos's handler take it: interrupts are on for a moment. For a command that runs, at a place
    /// where it holds nothing half-done.
    /// </summary>
    internal static void LetIn()
    {
        byte status = Cpu.In8(ControllerStatus);
        if ((status & OutputFull) != 0 && status != NoController)
        {
            // The instruction behind "sti" still runs without interrupts: the port is read to have some.
            Cpu.EnableInterrupts();
            Cpu.In8(ControllerStatus);
            Cpu.DisableInterrupts();
        }
    }
}
