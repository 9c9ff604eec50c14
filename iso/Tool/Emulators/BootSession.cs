using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Boots a machine, talks to its shell over the serial port, and makes sure that it ends.</summary>
public sealed class BootSession(InstalledPrograms programs)
{
    // The menu may run out on a busy host, before it is seen.
    private const int MostStarts = 5;

    // After its last words a kernel may still switch the machine off; after this time the machine is switched off from here.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    // An emulator that ends closes its monitor and COM1 first, and on a busy host may be gone much later.
    private static readonly TimeSpan s_ending = TimeSpan.FromMinutes(2);

    /// <summary>Runs a boot to its end. Whatever happens, the emulator has ended afterwards and the log is kept.</summary>
    /// <exception cref="MissingToolException">The emulator is not installed.</exception>
    public async Task<BootResult> RunAsync(BootRequest request, CancellationToken cancel)
    {
        request.Machine.Check();
        await programs.ProvideAsync(request.Machine.Needs, cancel);
        if (request.ScreenFile != null)
        {
            Screen.CheckName(request.ScreenFile);
        }

        using TemporaryFolder work = new();
        string logFile = Path.GetFullPath(request.LogFile);
        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);

        // Written next to it and moved there at the end: two concurrent runs never mix their logs.
        string writing = $"{logFile}.{Environment.ProcessId}-{Path.GetFileName(work.Path)}";
        try
        {
            await using FileStream log = new(writing, FileMode.Create, FileAccess.Write, FileShare.Read);
            Lazy<Keyboard>? keyboard = request.Keyboard ? new(Keyboard.Take) : null;
            for (int start = 1; start <= MostStarts; start++)
            {
                string folder = start == 1 ? work.Path : Directory.CreateDirectory(work.File($"{start}")).FullName;
                if (await RunAsync(request, folder, log, logFile, keyboard, cancel) is { } result)
                {
                    return result;
                }

                log.SetLength(0);
            }

            throw new FailedException($"the boot menu ran out {MostStarts} times before a key could be pressed");
        }
        finally
        {
            File.Move(writing, logFile, overwrite: true);
        }
    }

    // Starts the machine; chooses from the menu if asked to; talks to the shell; waits for the end or forces it; says how it ended. Null if
    // the menu ran out before it was seen.
    private async Task<BootResult?> RunAsync(
        BootRequest request, string workFolder, Stream log, string logFile, Lazy<Keyboard>? keyboard, CancellationToken cancel)
    {
        Stopwatch clock = Stopwatch.StartNew();
        MachineOptions options = request.Machine with { TimeLimit = request.TimeLimit };
        using RunningMachine running = await options.Emulator.StartAsync(programs, options, request.Source, workFolder, cancel);
        if (request.ScreenAt != null && await running.ScreenAddressAsync(cancel) is { } address)
        {
            request.ScreenAt(address);
        }

        SerialConsole console = new(running, log, request.Live);
        using CancellationTokenSource talking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        talking.CancelAfter(request.TimeLimit);
        _ = keyboard?.Value;
        Task pump = console.PumpAsync(CancellationToken.None);
        TimeSpan? toShell = null;
        bool inTime = true;
        try
        {
            if (request.MenuKeys is { } keys)
            {
                if (!await WaitForMenuAsync(running, console, talking.Token))
                {
                    running.Process.Kill();
                    await pump.WaitAsync(s_ending, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return null;
                }

                await running.PressAsync(keys, talking.Token);
                clock.Restart();
            }

            toShell = await TalkAsync(request, running, console, clock, talking.Token);
            Task ended = running.Process.EndedAsync(talking.Token);
            Task typing = keyboard != null && console.FatalAt == null
                ? TypeAsync(keyboard.Value, running, talking.Token)
                : Task.Delay(Timeout.Infinite, talking.Token);
            await Task.WhenAny(ended, console.WaitForFatalAsync(talking.Token), pump, typing);
            await WaitForLastWordsAsync(running, console, ended, talking.Token);
            talking.Token.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            inTime = false;
        }
        catch (MachineEndedException)
        {
            // How it ended is determined below.
            await WaitForEndAsync(running, cancel);
        }

        bool ownEnd = running.Process.HasExited;
        if (!ownEnd && request.ScreenFile != null)
        {
            try
            {
                await running.SaveScreenAsync(request.ScreenFile, cancel);
            }
            catch (MachineEndedException)
            {
                await WaitForEndAsync(running, cancel);
                ownEnd = running.Process.HasExited;
            }
        }

        running.Process.Kill();
        await running.Process.EndedAsync(CancellationToken.None);
        await pump.WaitAsync(s_ending, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();

        string text = console.Text;
        string? crash = ownEnd ? running.Process.Crash : null;
        bool? succeeded = ownEnd ? running.GuestSucceeded(running.Process.ExitStatus) : null;
        BootEnd end =
            !inTime || console.Flooded ? BootEnd.TimedOut
            : console.FatalAt != null ? BootEnd.Stopped
            : console.Halted ? BootEnd.PoweredOff
            : crash != null ? BootEnd.EmulatorFailed
            : running.End(running.Process.ExitStatus, ownEnd && text.Length != 0);
        string messages = string.Join("; ", new[] { crash, (await running.MessagesAsync()).Trim() }.Where(m => !string.IsNullOrEmpty(m)));
        return new BootResult(end, succeeded, BootLog.Parse(logFile, text), logFile, text, messages, toShell, clock.Elapsed);
    }

    // Returns the time of the first prompt; null when there was none.
    private static async Task<TimeSpan?> TalkAsync(
        BootRequest request, RunningMachine running, SerialConsole console, Stopwatch clock, CancellationToken cancel)
    {
        bool asked = request.Commands.Count != 0 || request.ShellKeys.Count != 0 || request.PowerOff || request.ScreenFile != null
            || request.Keyboard;
        bool talks = running.CanSend && asked;
        if (!talks)
        {
            return null;
        }

        int position = await console.WaitForPromptAsync(0, cancel);
        if (position < 0)
        {
            return null;
        }

        TimeSpan toShell = clock.Elapsed;
        if (request.ShellKeys.Count != 0)
        {
            // Keys may wait in the machine when the last is pressed.
            await running.PressAsync(request.ShellKeys, cancel);
            position = await console.WaitForPromptAsync(position, cancel, int.Max(1, request.ShellKeys.Count(k => k == "ret")));
        }

        int screens = -1;
        foreach (string command in request.Commands)
        {
            if (position < 0)
            {
                return toShell;
            }

            await SendLineAsync(running, command, cancel);
            position = await console.WaitForPromptAsync(position, cancel);
            if (request.ScreensFolder != null && position >= 0)
            {
                await running.SaveScreenAsync(Path.Combine(request.ScreensFolder, $"{++screens:00}.txt"), cancel);
            }
        }

        if (position < 0)
        {
            return toShell;
        }

        if (request.ScreenFile != null)
        {
            await running.SaveScreenAsync(request.ScreenFile, cancel);
        }

        if (request.PowerOff)
        {
            await SendLineAsync(running, "poweroff", cancel);
        }

        return toShell;
    }

    // False if the kernel that the menu starts by itself is running already.
    private static async Task<bool> WaitForMenuAsync(RunningMachine running, SerialConsole console, CancellationToken cancel)
    {
        using CancellationTokenSource looking = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task menu = running.WaitForMenuAsync(looking.Token);
        Task boot = console.WaitForBootAsync(looking.Token);
        bool seen = await Task.WhenAny(menu, boot) == menu || menu.IsCompletedSuccessfully || console.Ended;
        if (!seen)
        {
            await looking.CancelAsync();
            await menu.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return false;
        }

        await menu;
        await looking.CancelAsync();
        return true;
    }

    // A machine that was not switched off and will not reach a shell has something to say, and may end by itself then.
    private static async Task WaitForLastWordsAsync(
        RunningMachine running, SerialConsole console, Task ended, CancellationToken cancel)
    {
        if (ended.IsCompleted || console.Flooded)
        {
            return;
        }

        if (console.FatalAt != null && !console.Ended)
        {
            Task<bool> words = console.WaitForLastWordsAsync(cancel);
            await Task.WhenAny(ended, words, Task.Delay(s_ending, cancel));
            bool ends = words is { IsCompletedSuccessfully: true, Result: true } && running.EndsAfterPanic;
            await Task.WhenAny(ended, Task.Delay(ends ? s_ending : s_grace, cancel));
        }
        else if (console.Ended)
        {
            await Task.WhenAny(ended, Task.Delay(s_ending, cancel));
        }
    }

    private static Task WaitForEndAsync(RunningMachine running, CancellationToken cancel)
        => Task.WhenAny(running.Process.EndedAsync(cancel), Task.Delay(s_ending, cancel));

    private static async Task TypeAsync(Keyboard keyboard, RunningMachine running, CancellationToken cancel)
    {
        await foreach (byte key in keyboard.KeysAsync(cancel))
        {
            await running.SendAsync(new[] { key }, cancel);
        }
    }

    private static Task SendLineAsync(RunningMachine running, string line, CancellationToken cancel)
        => running.SendAsync(Encoding.Latin1.GetBytes(line + "\r"), cancel);
}
