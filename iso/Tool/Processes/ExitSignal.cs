namespace CosmosBootAlloc.Tool.Processes;

/// <summary>Signals in exit statuses, which are 128 and the signal's number.</summary>
public static class ExitSignal
{
    private const int Base = 128;
    private const int Most = 64;

    /// <summary>"ended by SIGSEGV" for 139, and the like; null for a status that names no signal.</summary>
    public static string? Describe(int exitStatus)
    {
        int signal = exitStatus - Base;
        return signal is > 0 and <= Most ? "ended by " + Name(signal) : null;
    }

    // Those that end a program; the numbers are Linux's.
    private static string Name(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"signal {signal}",
    };
}
