using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Logs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A machine's COM1 as a user at a terminal would see it: everything it sends is kept in the log file (with LF line ends) and in memory,
/// and a caller can wait for the shell's prompt.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="logFile">Receives the log as it arrives.</param>
/// <param name="live">Receives each piece as it arrives; may be null.</param>
public sealed class SerialConsole(RunningMachine machine, Stream logFile, Action<string>? live)
{
    // Longer than any boot log: a machine that prints endlessly must not fill the disk.
    private const int MostCharacters = 16 << 20;

    // Messages after which there will be no shell, although the machine may keep running.
    private const string Panic = "bootalloc: panic ";
    private const string TooOld = "CPU is too old";
    private static readonly string[] s_ends = [Panic, TooOld];

    // The first words of a panic, whatever its reason is, and its last.
    private const string PanicStart = "Kernel panic - not syncing: ";
    private const string PanicEnd = "---[ end " + PanicStart;

    // The kernel's first words.
    private const string Boot = "bootalloc: boot ";

    // The kernel's last words on a machine that it cannot switch off.
    private const string Off = "please turn it off now. System halted.";

    private readonly StringBuilder _text = new();
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastLine;
    private bool _booted;
    private bool _panicked;
    private bool _tooOld;
    private bool _saidAll;

    /// <summary>Everything sent so far, without carriage returns.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>When a line announced that there will be no shell; null if none did.</summary>
    public DateTime? FatalAt { get; private set; }

    /// <summary>True once the kernel of a machine that cannot be switched off has said that it stands still.</summary>
    public bool Halted { get; private set; }

    /// <summary>True once the machine has stopped sending.</summary>
    public bool Ended { get; private set; }

    /// <summary>True when the machine sent more than any boot does; the rest is not read.</summary>
    public bool Flooded { get; private set; }

    /// <summary>Reads until the machine ends.</summary>
    public async Task PumpAsync(CancellationToken cancel)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await machine.FromMachine.ReadAsync(buffer, cancel) is > 0 and int count)
            {
                await TakeAsync(buffer.AsMemory(0, count), cancel);
                if (_text.Length > MostCharacters)
                {
                    Flooded = true;
                    break;
                }
            }
        }
        catch (IOException)
        {
            // The other end of the connection is gone: the machine has ended.
        }
        finally
        {
            Ended = true;
            Signal();
        }
    }

    /// <summary>Waits until the log ends with the shell's prompt, beyond <paramref name="position"/> characters.</summary>
    /// <param name="position">Where to begin.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <param name="prompts">So many must have come by then: one for each line that was typed.</param>
    /// <returns>The position after the prompt; -1 when the machine has ended or will not reach a prompt.</returns>
    public async Task<int> WaitForPromptAsync(int position, CancellationToken cancel, int prompts = 1)
    {
        int found = -1;
        await WaitAsync(
            () =>
            {
                lock (_text)
                {
                    bool isLast = _text.Length > position && _text.Length - _lastLine == BootLog.Prompt.Length
                        && _text.ToString(_lastLine, BootLog.Prompt.Length) == BootLog.Prompt;
                    found = isLast && (prompts == 1 || Prompts(position) >= prompts) ? _text.Length : -1;
                }

                return found >= 0 || Ended || FatalAt != null || Halted;
            },
            cancel);
        return found;
    }

    /// <summary>Waits until the machine ends, stands still, or announces that it will not reach a shell.</summary>
    public Task WaitForFatalAsync(CancellationToken cancel) => WaitAsync(() => Ended || FatalAt != null || Halted, cancel);

    /// <summary>Waits until all has come that the kernel says when it announces that it will not reach a shell.</summary>
    /// <returns>Whether the kernel has panicked.</returns>
    public async Task<bool> WaitForLastWordsAsync(CancellationToken cancel)
    {
        await WaitAsync(() => Ended || _saidAll, cancel);
        return _panicked;
    }

    /// <summary>Waits for the kernel's first words, or the machine's end.</summary>
    public Task WaitForBootAsync(CancellationToken cancel)
        => WaitAsync(() => Ended || _booted, cancel);

    private async Task WaitAsync(Func<bool> happened, CancellationToken cancel)
    {
        while (true)
        {
            Task more = _more.Task;
            if (happened())
            {
                return;
            }

            await more.WaitAsync(cancel);
        }
    }

    // The prompts at the starts of lines beyond a position.
    private int Prompts(int position)
    {
        string text = _text.ToString(position, _text.Length - position);
        return text.Split("\n" + BootLog.Prompt).Length - 1;
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        string piece = Encoding.Latin1.GetString(bytes.Span).Replace("\r", "", StringComparison.Ordinal);
        await logFile.WriteAsync(Encoding.Latin1.GetBytes(piece), cancel);
        await logFile.FlushAsync(cancel);
        lock (_text)
        {
            // Of a line that never ends only the part that is new is looked at, and as much before as a message may have.
            int before = Math.Max(_lastLine, _text.Length - 64);
            _text.Append(piece);
            int end = piece.LastIndexOf('\n');
            if (end >= 0)
            {
                _lastLine = _text.Length - piece.Length + end + 1;
            }

            string tail = _text.ToString(before, _text.Length - before);
            FatalAt ??= Array.Exists(s_ends, tail.Contains) ? DateTime.UtcNow : null;
            Note(tail);
            Halted |= !machine.CanPowerOff && tail.Contains(Off, StringComparison.Ordinal);
        }

        live?.Invoke(piece);
        Signal();
    }

    // Takes note of the kernel's first words and its last. The text begins with a line, or far enough before what is new.
    private void Note(string text)
    {
        int old = text.IndexOf(TooOld, StringComparison.Ordinal);
        _booted |= text.Contains(Boot, StringComparison.Ordinal);
        _panicked |= text.Contains(PanicStart, StringComparison.Ordinal);
        _tooOld |= old >= 0;
        _saidAll |= text.Contains(PanicEnd, StringComparison.Ordinal)
            || (_tooOld && !_panicked && text.IndexOf('\n', int.Max(old, 0)) >= 0);
    }

    private void Signal()
    {
        TaskCompletionSource done = _more;
        _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
    }
}
