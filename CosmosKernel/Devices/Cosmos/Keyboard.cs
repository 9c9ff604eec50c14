using Cosmos.System;

namespace CosmosBootAlloc.Kernel.Devices.Cosmos;

/// <summary>
/// The keyboard through Cosmos's driver, which reads the controller in its interrupt handler and translates with its scan map.
/// </summary>
internal static class Keyboard
{
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

        value = key.Key switch
        {
            ConsoleKeyEx.Enter or ConsoleKeyEx.NumEnter => (byte)'\n',
            ConsoleKeyEx.Backspace => (byte)'\b',
            _ => key.KeyChar < 128 ? (byte)key.KeyChar : (byte)0,
        };
        return true;
    }
}
