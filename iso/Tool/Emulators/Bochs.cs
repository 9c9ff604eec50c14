using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A PC in Bochs. Its COM1 is a connection to this program, its screen a VNC display that nobody looks at. Bochs ends with status 1
/// whatever happened, so only the log says how the boot went.
/// </summary>
public sealed class Bochs(Machine machine) : IEmulator
{
    private const string DefaultCpu = "p4_willamette";

    private static readonly TimeSpan s_connect = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public IReadOnlyList<Need> Needs => Tool.Needs.Needs.Bochs;

    /// <inheritdoc/>
    public async Task<RunningMachine> StartAsync(MachineOptions options, BootSource source, string workFolder, CancellationToken cancel)
    {
        const ulong most = 2048;
        if (options.Medium is not (BootMedium.Cd or BootMedium.Disk) || options.Type != "pc" || options.InstructionClock || options.HostCpu
            || options.MoreArguments.Count != 0)
        {
            throw new BadInputException("Bochs: expected a pc that boots from cd or disk, without --icount, --accel kvm or QEMU's arguments");
        }

        if (options.MemoryMiB > most)
        {
            throw new BadInputException($"Bochs: expected at most {most} MiB of memory, found {options.MemoryMiB}");
        }

        // Bochs writes to a hard disk's image and locks it; the copy also gives it the plain name that its options need.
        string image = Path.Combine(workFolder, "image");
        File.Copy(source.Image, image, overwrite: true);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start(1);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string settings = Path.Combine(workFolder, "bochsrc");
        string commands = Path.Combine(workFolder, "commands");
        await File.WriteAllTextAsync(settings, Settings(options, image, port, workFolder), cancel);

        // Debian's Bochs has its debugger built in, which waits for this word.
        await File.WriteAllTextAsync(commands, "continue\n", cancel);
        ChildProcess process = ChildProcess.Start(machine.Get("bochs"), ["-q", "-f", settings, "-rc", commands], options.TimeLimit, workFolder);
        process.DropOutput();
        using CancellationTokenSource clock = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        clock.CancelAfter(s_connect);
        Task<TcpClient> connecting = listener.AcceptTcpClientAsync(clock.Token).AsTask();
        try
        {
            Task ended = process.EndedAsync(clock.Token);
            if (await Task.WhenAny(connecting, ended) == connecting)
            {
                return new BochsMachine(process, (await connecting).GetStream());
            }

            throw new FailedException("Bochs ended before the machine started: " + LastPanic(Path.Combine(workFolder, "messages")));
        }
        catch (Exception error)
        {
            process.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw error is OperationCanceledException ? new FailedException($"Bochs did not open its serial port in {s_connect.TotalSeconds:0} s") : error;
        }
    }

    private static string Settings(MachineOptions options, string image, int port, string folder)
    {
        bool cd = options.Medium == BootMedium.Cd;
        List<string> lines =
        [
            $"megs: {options.MemoryMiB}",
            "romimage: file=/usr/share/bochs/BIOS-bochs-latest",
            "vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest",
            $"cpu: model={options.Cpu ?? DefaultCpu}, count=1, ips=100000000, reset_on_triple_fault=0",
            cd ? $"ata0-master: type=cdrom, path=\"{image}\", status=inserted" : $"ata0-master: type=disk, mode=flat, path=\"{image}\", {Geometry(image)}",
            $"boot: {(cd ? "cdrom" : "disk")}",
            $"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}",
            $"log: {Path.Combine(folder, "messages")}",
            "panic: action=fatal",
            "error: action=report",
            "info: action=ignore",
            "debug: action=ignore",
            "clock: sync=none, time0=utc",
            "sound: waveoutdrv=dummy",
            "speaker: enabled=1, mode=none",
        ];
        if (!options.Window)
        {
            lines.Add("display_library: rfb, options=\"timeout=0\"");
        }

        return string.Join('\n', lines) + "\n";
    }

    // Bochs wants the image to be whole cylinders.
    private static string Geometry(string image)
    {
        const int heads = 16;
        const int sectors = 63;
        const long cylinder = heads * sectors * 512;
        using FileStream file = new(image, FileMode.Open, FileAccess.Write);
        long cylinders = (file.Length + cylinder - 1) / cylinder;
        file.SetLength(cylinders * cylinder);
        return $"cylinders={cylinders}, heads={heads}, spt={sectors}";
    }

    private static string LastPanic(string messages)
    {
        string found = "no message";
        if (File.Exists(messages))
        {
            foreach (string line in File.ReadLines(messages))
            {
                if (line.Contains("p[", StringComparison.Ordinal) || line.Contains("PANIC", StringComparison.Ordinal))
                {
                    found = line.Trim();
                }
            }
        }

        return found;
    }

    private sealed class BochsMachine(ChildProcess process, Stream port) : RunningMachine(process, port, port)
    {
        public override bool? GuestSucceeded(int exitStatus) => null;

        public override Task WaitForMenuAsync(CancellationToken cancel)
            => throw new BadInputException("Bochs: nobody sees its screen; use QEMU");

        public override Task PressAsync(IReadOnlyList<string> keys, CancellationToken cancel)
            => throw new BadInputException("Bochs: nobody can press keys there; use QEMU");

        public override Task SaveScreenAsync(string file, CancellationToken cancel)
            => throw new BadInputException("Bochs: no screen files; use QEMU");
    }
}
