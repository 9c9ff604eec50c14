using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.Pipes;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Processes;

/// <summary>How a child ended and what it printed.</summary>
/// <param name="ExitStatus">As a shell reports it; 137 when it was killed.</param>
/// <param name="Output">The end of standard output and error (<see cref="OutputTail"/>), in the order in which the lines arrived.</param>
/// <param name="TimedOut">It was ended at its time limit.</param>
public sealed record ChildResult(int ExitStatus, string Output, bool TimedOut)
{
    /// <summary>The last line that is not empty, for one-line messages.</summary>
    public string LastLine => Output.Split('\n').LastOrDefault(l => l.Trim().Length != 0)?.Trim() ?? "no output";
}

/// <summary>
/// A program in a process group of its own, so that it ends with everything it started: at its time limit, on Ctrl-C, and even when this
/// tool is killed. coreutils' <c>timeout</c> makes the group; a shell in it waits at a pipe, the lifeline, that closes when this tool ends,
/// and then ends the group.
/// </summary>
/// <remarks>
/// Why a pipe and not PR_SET_PDEATHSIG: that signal comes when the thread that started the program ends, which .NET's threads do while the
/// tool runs on, and it reaches only the program, not what the program has started.
/// </remarks>
public sealed class ChildProcess : IDisposable
{
    private const string TimeoutProgram = "/usr/bin/timeout";

    // $0 is the lifeline's number. The waiting shell is no child of the program: some wait until they have none.
    private const string Watched = "((read -r _; kill -KILL 0) <\"/dev/fd/$0\" >/dev/null 2>&1 &); exec \"$@\"";

    // Its other end is inherited by every child; this one is this process's alone, and the system closes it.
    private static readonly AnonymousPipeServerStream s_lifeline = new(PipeDirection.Out, HandleInheritability.Inheritable);

    private const int SignalKill = 9;

    // The tool's own limit comes first, so that it can report what happened; timeout's is the safety net.
    private static readonly TimeSpan s_net = TimeSpan.FromSeconds(60);

    // A few milliseconds, unless the host is busy.
    private static readonly TimeSpan s_note = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private int _ended;

    private ChildProcess(Process process)
    {
        _process = process;
    }

    /// <summary>The child reads what is written here.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What the child prints.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What the child prints as errors.</summary>
    public StreamReader Error => _process.StandardError;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Exit status; only once it has ended.</summary>
    public int ExitStatus => _process.ExitCode;

    /// <summary>How it ended if a signal ended it, such as "ended by SIGSEGV"; else null. Only once it has ended.</summary>
    public string? Crash => ExitSignal.Describe(ExitStatus);

    /// <summary>Starts a program.</summary>
    /// <param name="program">Absolute file name.</param>
    /// <param name="arguments">One per element, without quoting.</param>
    /// <param name="limit">The longest it may run, whatever happens to this tool.</param>
    /// <param name="folder">Its current folder; null for this process's.</param>
    /// <param name="environment">Variables in addition to those of this process.</param>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, TimeSpan limit, string? folder = null, IReadOnlyDictionary<string,
            string>? environment = null)
    {
        int seconds = (int)Math.Ceiling((limit + s_net).TotalSeconds);
        string lifeline = s_lifeline.GetClientHandleAsString();
        ProcessStartInfo start = new(
            TimeoutProgram, ["--signal=KILL", $"{seconds}", "/bin/sh", "-c", Watched, lifeline, program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Runs a program to its end, its standard input empty.</summary>
    /// <param name="line">Receives each line of output as it arrives, from any thread, one at a time.</param>
    /// <param name="program">Absolute file name.</param>
    /// <param name="arguments">One per element, without quoting.</param>
    /// <param name="limit">The longest it may run.</param>
    /// <param name="cancel">Ends it with everything it started.</param>
    /// <param name="environment">Variables in addition to those of this process.</param>
    /// <param name="folder">Its current folder; null for this process's.</param>
    public static async Task<ChildResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan limit,
        CancellationToken cancel,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null,
        Action<string>? line = null)
    {
        using ChildProcess child = Start(program, arguments, limit, folder, environment);
        child._process.StandardInput.Close();
        OutputTail output = new(line, child._process.StandardOutput, child._process.StandardError);
        bool inTime = await child.WaitAsync(limit, cancel);
        child.Kill();
        return new ChildResult(child.ExitStatus, await output.TextAsync(), !inTime);
    }

    /// <summary>Discards what the child prints, so that it never waits for a reader.</summary>
    public void DropOutput()
    {
        _ = new OutputTail(null, _process.StandardOutput, _process.StandardError);
    }

    /// <summary>Ends when the child does; never ends it.</summary>
    public Task EndedAsync(CancellationToken cancel) => _process.WaitForExitAsync(cancel);

    /// <summary>Waits for the end; at the limit or on cancellation ends the whole group.</summary>
    /// <returns>False when the limit was reached.</returns>
    /// <exception cref="OperationCanceledException">Canceled; the child has been ended.</exception>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancel)
    {
        using CancellationTokenSource clock = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        clock.CancelAfter(limit);
        try
        {
            await _process.WaitForExitAsync(clock.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            cancel.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>Ends the whole group at once, and whatever the program has left in it. No error when all have ended already.</summary>
    public void Kill()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        if (!_process.HasExited)
        {
            // First the program alone, so that timeout notices its end and leaves no zombie; then everything it had started.
            int[] programs = ProgramsOfTimeout();
            foreach (int program in programs)
            {
                kill(program, SignalKill);
            }

            if (programs.Length != 0)
            {
                _process.WaitForExit(s_note);
            }
        }

        // The shell at the lifeline is in the group until now, so its number cannot be another's.
        if (kill(-_process.Id, SignalKill) != 0 && !_process.HasExited)
        {
            // timeout has not made its group yet.
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);

    private int[] ProgramsOfTimeout()
    {
        try
        {
            string children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children");
            return [.. children.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            // It has just ended, or this kernel does not keep the list.
            return [];
        }
    }
}
