using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>What came of a test kernel.</summary>
/// <param name="End">"completed" if it came to its end; else "failed", what went wrong, or what it was last waited for.</param>
/// <param name="Assertions">Assertions that held.</param>
/// <param name="Messages">The last messages, a line each.</param>
internal sealed record SuiteResult(string End, int Assertions, string Messages)
{
    /// <summary>It came to its end.</summary>
    internal bool Completed => End == "completed";
}

/// <summary>Runs a test kernel in QEMU and takes the debugger's part on COM1.</summary>
internal static class SuiteMachine
{
    private const string Memory = "256M";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    // No suite is silent for long; what waits for a device that never answers is.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_betweenKeys = TimeSpan.FromSeconds(1);

    /// <summary>Boots an image and follows it to its end, at most for ten minutes.</summary>
    internal static async Task<SuiteResult> RunAsync(InstalledPrograms programs, Suite suite, string iso, string disk)
    {
        using TemporaryFolder folder = new();
        string monitor = folder.File("qmp");
        List<string> arguments =
        [
            "-m", Memory, "-nodefaults", "-vga", "std", "-display", "none", "-no-reboot", "-cdrom", iso, "-boot", "d",
            "-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1", "-qmp", $"unix:{monitor},server=on,wait=off",
            .. suite.Devices,
        ];
        if (File.Exists(disk))
        {
            string file = disk.Replace(",", ",,", StringComparison.Ordinal);
            arguments.AddRange(["-drive", $"file={file},format=vmdk,if=ide,index=0,snapshot=on"]);
        }

        using ChildProcess machine = ChildProcess.Start(programs.Get("qemu-system-i386"), arguments, s_limit, folder.Path);
        OutputTail complaints = new(null, machine.Error);
        using CancellationTokenSource stop = new(s_limit);
        Task keys = suite.WaitsForKeys ? PressEnterAsync(machine, monitor, stop.Token) : Task.CompletedTask;
        DebugStub stub = new();
        string? end = await FollowAsync(machine, stub, stop.Token);
        await stop.CancelAsync();
        await keys;
        machine.Kill();
        string messages = string.Join('\n', stub.Messages);
        return new SuiteResult(stub.End ?? end!, stub.Assertions, messages.Length != 0 ? messages : await complaints.TextAsync());
    }

    /// <returns>Why it was given up; null if the kernel said how it ended.</returns>
    private static async Task<string?> FollowAsync(ChildProcess machine, DebugStub stub, CancellationToken stop)
    {
        byte[] buffer = new byte[1 << 16];
        while (stub.End == null)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
            patience.CancelAfter(s_silence);
            try
            {
                int count = await machine.Output.ReadAsync(buffer, patience.Token);
                if (count == 0)
                {
                    return "QEMU ended";
                }

                stub.Add(buffer.AsSpan(0, count));
                if (stub.Waits)
                {
                    stub.Waits = false;
                    await machine.Input.WriteAsync(DebugStub.Go, patience.Token);
                    await machine.Input.FlushAsync(patience.Token);
                }
            }
            catch (OperationCanceledException)
            {
                return stop.IsCancellationRequested ? $"not ended after {s_limit.TotalMinutes:0} min" : "silent";
            }
            catch (IOException)
            {
                return "QEMU ended";
            }
        }

        return null;
    }

    private static async Task PressEnterAsync(ChildProcess machine, string monitor, CancellationToken stop)
    {
        try
        {
            await using QemuMonitor connection = await QemuMonitor.ConnectAsync(monitor, () => machine.HasExited, stop);
            while (true)
            {
                await connection.PressAsync("ret", stop);
                await Task.Delay(s_betweenKeys, stop);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or MachineEndedException or FailedException or IOException)
        {
            // The machine is done.
        }
    }
}
