using System;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool;

/// <summary>An end that is no fault of the program: one line for the person, and the exit status it stands for.</summary>
public abstract class ToolException(string message, int exitStatus) : Exception(message)
{
    /// <summary>One of <see cref="ExitStatus"/>.</summary>
    public int ExitStatus { get; } = exitStatus;
}

/// <summary>A program or file of the machine is missing and could not be installed; the message says how to get it. Exit status 3.</summary>
public sealed class MissingToolException(string message) : ToolException(message, Tool.ExitStatus.ToolMissing);

/// <summary>A build, a boot, a test or a comparison failed. Exit status 1.</summary>
public sealed class FailedException(string message) : ToolException(message, Tool.ExitStatus.Failed);

/// <summary>Something did not answer in its time; the message says where the log was kept. Exit status 124.</summary>
public sealed class TimeOutException(string message) : ToolException(message, Tool.ExitStatus.TimedOut);
