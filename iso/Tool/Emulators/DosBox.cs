using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A PC in DOSBox: a 486 or a Pentium with a BIOS that no other emulator has. Its COM1 is a pseudo-terminal, so nothing listens. It has no
/// power switch that software reaches, and it ignores SIGTERM: it is killed when the kernel says that the machine stands still.
/// </summary>
public sealed class DosBox : IEmulator
{
    /// <summary>The one object.</summary>
    public static readonly DosBox Instance = new();

    // Instructions in a millisecond of the machine's time: a fast Pentium. On a host that cannot keep up that time passes slower.
    private const int CyclesPerMillisecond = 50000;

    // DOSBox takes an image of at most 2,880 kB for a floppy's.
    private const long FewestCylinders = 8;

    // Milliseconds until a byte is forced on a machine whose receive buffer is full, which loses one: longer than any command.
    private const int ReceiveDelay = 10000;

    private DosBox()
    {
    }

    /// <inheritdoc/>
    public string Name => "DOSBox";

    /// <inheritdoc/>
    public string Word => "dosbox";

    /// <inheritdoc/>
    public IReadOnlyList<Need> Needs { get; } = [new("dosbox", "dosbox", "-version")];

    /// <inheritdoc/>
    public IReadOnlyList<Need> WindowNeeds => [];

    /// <inheritdoc/>
    public EmulatorAbilities Can { get; } = new()
    {
        Media = [BootMedium.Disk],
        MostMemoryBytes = 63 * MachineOptions.MiB,
        Cpus = ["486_slow", "pentium_slow", "386", "386_slow", "386_prefetch"],
        Sse2 = false,
        IsSlow = true,
    };

    /// <inheritdoc/>
    public async Task<RunningMachine> StartAsync(
        InstalledPrograms programs, MachineOptions options, BootSource source, string workFolder, CancellationToken cancel)
    {
        // A copy: the machine may write to its disk.
        const string image = "image";
        DiskImage disk = new(Path.Combine(workFolder, image));
        File.Copy(source.Image, disk.File, overwrite: true);
        long cylinders = disk.FillCylinders(FewestCylinders);
        disk.BootAsDrive80();

        const string settings = "dosbox.conf";
        PseudoTerminal port = new();
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(workFolder, settings), Settings(options, port.Name, image, cylinders), cancel);
            ChildProcess process = ChildProcess.Start(
                programs.Get("dosbox"), ["-conf", settings], options.TimeLimit, workFolder,
                Environment(options.Screen == MachineScreen.Window, workFolder));
            return new DosBoxMachine(process, port, Path.Combine(workFolder, "com1"));
        }
        catch
        {
            port.Dispose();
            throw;
        }
    }

    // In its home folder DOSBox would leave settings.
    private static Dictionary<string, string> Environment(bool window, string home)
    {
        Dictionary<string, string> variables = new() { ["HOME"] = home, ["SDL_AUDIODRIVER"] = "dummy" };
        if (!window)
        {
            variables["SDL_VIDEODRIVER"] = "dummy";
        }

        return variables;
    }

    // 'exit' comes into play when the image cannot be booted: otherwise DOSBox would stay at its own prompt.
    private string Settings(MachineOptions options, string terminal, string image, long cylinders)
        => $"""
            [sdl]
            fullscreen=false
            output=surface
            autolock=false
            [dosbox]
            memsize={options.MemoryMiB}
            machine=svga_s3
            [cpu]
            core=normal
            cputype={options.Cpu ?? Can.Cpus[0]}
            cycles=fixed {CyclesPerMillisecond}
            [mixer]
            nosound=true
            [midi]
            mpu401=none
            mididevice=none
            [serial]
            serial1=directserial realport:{terminal["/dev/".Length..]} rxdelay:{ReceiveDelay}
            [autoexec]
            imgmount 2 {image} -size 512,{DiskImage.Sectors},{DiskImage.Heads},{cylinders} -fs none
            boot -l c
            exit

            """;

    private sealed class DosBoxMachine(ChildProcess process, PseudoTerminal port, string copy)
        : SerialOnlyMachine(
            "DOSBox", process, port.CopyTo(copy, process), port.Input,
            new OutputTail(null, new StreamReader(process.Output), process.Error))
    {
        public override bool CanPowerOff => false;

        public override BootEnd End(int exitStatus, bool sentSomething)
            => sentSomething && exitStatus == 0 ? BootEnd.Reset : BootEnd.EmulatorFailed;

        public override void Dispose()
        {
            base.Dispose();
            port.Dispose();
        }
    }
}
