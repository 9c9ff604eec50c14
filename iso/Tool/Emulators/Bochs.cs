using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A PC in Bochs. Its COM1 is a connection to this program. Its screen is text for a terminal, which nobody reads: the display that Bochs
/// would take by itself here, rfb, is a VNC server without a password for the whole network. Bochs ends with status 1 whatever happened,
/// so only the log shows how the boot went.
/// </summary>
public sealed class Bochs : IEmulator
{
    /// <summary>The one object.</summary>
    public static readonly Bochs Instance = new();

    private const string DefaultCpu = "p4_willamette";

    // Instructions that take a second of the machine's time. A floppy's sector takes 11 ms of that time, so a fast PC would do nothing but
    // wait for it.
    private const int Speed = 100_000_000;
    private const int FloppySpeed = 10_000_000;

    // Its display with a window.
    private const string Window = "x";

    // A terminal that every Debian knows (ncurses-base).
    private static readonly Dictionary<string, string> s_environment = new() { ["TERM"] = "linux" };

    private static readonly TimeSpan s_connect = TimeSpan.FromMinutes(2);

    private Bochs()
    {
    }

    /// <inheritdoc/>
    public string Name => "Bochs";

    /// <inheritdoc/>
    public string Word => "bochs";

    /// <inheritdoc/>
    public IReadOnlyList<Need> Needs { get; } =
    [
        new("bochs", "bochs", "--help"),
        new(Display("term"), "bochs-term", null),
        new("/usr/share/bochs/BIOS-bochs-latest", "bochsbios", null),
        new("/usr/share/bochs/VGABIOS-lgpl-latest", "vgabios", null),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Need> WindowNeeds { get; } = [new(Display(Window), "bochs-x", null)];

    /// <inheritdoc/>
    public EmulatorAbilities Can { get; } = new()
    {
        Media = [BootMedium.Cd, BootMedium.Disk, BootMedium.Floppy],
        MostMemoryBytes = 2048 * MachineOptions.MiB,
        Disk = true,
        DiskUnit = DiskImage.CylinderBytes,
        IsSlow = true,
    };

    /// <inheritdoc/>
    public async Task<RunningMachine> StartAsync(
        InstalledPrograms programs, MachineOptions options, BootSource source, string workFolder, CancellationToken cancel)
    {
        // Bochs writes to a hard disk's image and locks it; the copy also gives it the plain name that its options need.
        string image = Path.Combine(workFolder, "image");
        File.Copy(source.Image, image, overwrite: true);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start(1);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string settings = Path.Combine(workFolder, "bochsrc");
        string commands = Path.Combine(workFolder, "commands");
        string display = options.Screen == MachineScreen.Window ? Window : "term";
        await File.WriteAllTextAsync(settings, Settings(options, display, image, port, workFolder), cancel);

        // Debian's Bochs has its debugger built in, which waits for this command.
        await File.WriteAllTextAsync(commands, "continue\n", cancel);
        ChildProcess process = ChildProcess.Start(
            programs.Get("bochs"), ["-q", "-f", settings, "-rc", commands], options.TimeLimit, workFolder, s_environment);
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

            string why = process.Crash ?? LastPanic(Path.Combine(workFolder, "messages"));
            throw new FailedException("Bochs ended before the machine started: " + why);
        }
        catch (Exception error)
        {
            process.Dispose();
            cancel.ThrowIfCancellationRequested();
            throw error is OperationCanceledException
                ? new FailedException($"Bochs did not open its serial port in {s_connect.TotalSeconds:0} s")
                : error;
        }
    }

    // The file of a display's plugin.
    private static string Display(string name) => $"{DebianFolder.Libraries}/bochs/plugins/libbx_{name}_gui.so";

    private static string Settings(MachineOptions options, string display, string image, int port, string folder)
    {
        (string boot, string drive) = options.Medium switch
        {
            BootMedium.Cd => ("cdrom", $"ata0-master: type=cdrom, path=\"{image}\", status=inserted"),
            BootMedium.Floppy => ("floppy", $"floppya: type=1_44, 1_44=\"{image}\", status=inserted"),
            _ => ("disk", $"ata0-master: type=disk, mode=flat, path=\"{image}\", {Geometry(image)}"),
        };
        List<string> lines =
        [
            $"megs: {options.MemoryMiB}",
            "romimage: file=/usr/share/bochs/BIOS-bochs-latest",
            "vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest",
            $"cpu: model={options.Cpu ?? DefaultCpu}, count=1, ips={(options.Medium == BootMedium.Floppy ? FloppySpeed : Speed)}, "
                + "reset_on_triple_fault=0",
            drive,
            .. options.Disk == null ? [] : Disk(Path.GetFullPath(options.Disk)),
            $"boot: {boot}",
            $"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{port}",
            $"log: {Path.Combine(folder, "messages")}",
            "panic: action=fatal",
            "error: action=report",
            "info: action=ignore",
            "debug: action=ignore",
            "clock: sync=none, time0=utc",
            "sound: waveoutdrv=dummy",
            "speaker: enabled=1, mode=none",
            $"display_library: {display}",
        ];
        return string.Join('\n', lines) + "\n";
    }

    // Bochs requires an image of whole cylinders.
    private static string Geometry(string image)
        => Geometry(new DiskImage(image).FillCylinders(1));

    private static string Geometry(long cylinders) => $"cylinders={cylinders}, heads={DiskImage.Heads}, spt={DiskImage.Sectors}";

    private static string[] Disk(string image) =>
    [
        "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15",
        $"ata1-master: type=disk, mode=flat, path=\"{image}\", {Geometry(new FileInfo(image).Length / DiskImage.CylinderBytes)}",
    ];

    // Of the end of the messages, which may be many.
    private static string LastPanic(string messages)
    {
        if (!File.Exists(messages))
        {
            return "no message";
        }

        using FileStream file = new(messages, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Seek(-Math.Min(file.Length, OutputTail.MostInLine), SeekOrigin.End);
        byte[] end = new byte[OutputTail.MostInLine];
        string[] lines = Encoding.Latin1.GetString(end, 0, file.ReadAtLeast(end, end.Length, throwOnEndOfStream: false)).Split('\n');
        string? panic = Array.FindLast(lines, line => line.Contains("p[", StringComparison.Ordinal)
            || line.Contains("PANIC", StringComparison.Ordinal));
        return panic?.Trim() ?? "no message";
    }

    private sealed class BochsMachine(ChildProcess process, Stream port) : SerialOnlyMachine("Bochs", process, port, port, null)
    {
        public override BootEnd End(int exitStatus, bool sentSomething)
            => sentSomething ? BootEnd.PoweredOff : exitStatus == 0 ? BootEnd.Reset : BootEnd.EmulatorFailed;
    }
}
