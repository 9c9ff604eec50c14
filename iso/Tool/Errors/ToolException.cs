using System;

namespace CosmosBootAlloc.Tool.Errors;

/// <summary>A failure that is not a bug in the program: one line for the user, and the exit status it stands for.</summary>
public abstract class ToolException(string message, int exitStatus) : Exception(message)
{
    /// <summary>One of <see cref="Errors.ExitStatus"/>.</summary>
    public int ExitStatus { get; } = exitStatus;
}

/// <summary>A program or file is missing from the host and could not be installed; the message says how to get it. Exit status 3.</summary>
public sealed class MissingToolException(string message) : ToolException(message, Errors.ExitStatus.ToolMissing);

/// <summary>A build, a boot, a test or a comparison failed. Exit status 1.</summary>
public sealed class FailedException(string message) : ToolException(message, Errors.ExitStatus.Failed);

/// <summary>The emulator ended while its keys or its screen were needed. Exit status 1.</summary>
public sealed class MachineEndedException(string message) : ToolException(message, Errors.ExitStatus.Failed);

/// <summary>Something did not finish in time; the message says where the log was kept. Exit status 124.</summary>
public sealed class TimeOutException(string message) : ToolException(message, Errors.ExitStatus.TimedOut);
