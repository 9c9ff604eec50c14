namespace CosmosBootAlloc.Tool.Errors;

/// <summary>The program's exit statuses.</summary>
public static class ExitStatus
{
    /// <summary>Everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>The kernel, a build, a test or a comparison failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage or bad input: one line on standard error.</summary>
    public const int WrongUse = 2;

    /// <summary>A required tool is missing.</summary>
    public const int ToolMissing = 3;

    /// <summary>Something did not finish in time.</summary>
    public const int TimedOut = 124;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
