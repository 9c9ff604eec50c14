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

    public static void SetKeyLayout(ScanMapBase scanMap)
    {
    }
}

/// <summary>What the keys of a keyboard type.</summary>
public abstract class ScanMapBase
{
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
    Escape = 1,
    Backspace = 31,
    Tab = 32,
    E = 35,
    U = 39,
    Enter = 45,
    A = 47,
    K = 54,
    C = 68,
    Home = 86,
    PageUp = 87,
    Delete = 88,
    End = 89,
    PageDown = 90,
    UpArrow = 91,
    DownArrow = 92,
    LeftArrow = 93,
    RightArrow = 94,
    NumEnter = 111,
}
