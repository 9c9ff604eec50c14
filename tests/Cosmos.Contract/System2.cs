using System;

namespace Cosmos.System;

/// <summary>A user kernel.</summary>
public abstract class Kernel
{
    protected virtual void BeforeRun()
    {
    }

    protected abstract void Run();
}

/// <summary>Typed keys.</summary>
public static class KeyboardManager
{
    public static bool TryReadKey(out KeyEvent key)
    {
        key = null;
        return false;
    }

    public static KeyEvent ReadKey() => new KeyEvent();
}

/// <summary>One of them.</summary>
public class KeyEvent
{
    public char KeyChar { get; set; }

    public ConsoleKeyEx Key { get; set; }

    public ConsoleModifiers Modifiers { get; set; }
}

/// <summary>Which key; those that we tell apart.</summary>
public enum ConsoleKeyEx
{
    Backspace = 31,
    U = 39,
    Enter = 45,
    C = 68,
    NumEnter = 111,
}
