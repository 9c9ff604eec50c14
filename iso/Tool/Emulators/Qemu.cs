using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// A PC in QEMU. Power-off goes through the isa-debug-exit device: 0x10 (exit status 33) for success, 0x11 (35) for failure.
/// </summary>
public sealed class Qemu : IEmulator
{
    /// <summary>The one object.</summary>
    public static readonly Qemu Instance = new();

    /// <summary>Exit status after the guest wrote 0x10 to the exit device.</summary>
    public const int Succeeded = 0x10 * 2 + 1;

    /// <summary>Exit status after the guest wrote 0x11 to the exit device.</summary>
    public const int Failed = 0x11 * 2 + 1;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(30);

    private Qemu()
    {
    }

    /// <inheritdoc/>
    public string Name => "QEMU";

    /// <inheritdoc/>
    public string Word => "qemu";

    /// <inheritdoc/>
    public IReadOnlyList<Need> Needs { get; } = [new("qemu-system-i386", "qemu-system-x86")];

    /// <inheritdoc/>
    public IReadOnlyList<Need> WindowNeeds { get; } = [new(DebianFolder.Libraries + "/qemu/ui-gtk.so", "qemu-system-gui", null)];

    /// <inheritdoc/>
    public IReadOnlyList<string> Firmware { get; } = ["/usr/share/seabios/bios-256k.bin", "/usr/share/seabios/vgabios-stdvga.bin"];

    /// <inheritdoc/>
    public EmulatorAbilities Can { get; } = new()
    {
        Media = [BootMedium.Cd, BootMedium.Disk, BootMedium.Usb, BootMedium.Floppy, BootMedium.Network, BootMedium.Kernel],
        MachineTypes = ["pc", "q35"],
        Keys = true,
        Screen = true,
        WaylandWindow = true,
        Vnc = true,
        InstructionClock = true,
        HostCpu = true,
        Disk = true,
        MoreArguments = true,
    };

    /// <inheritdoc/>
    public Task<RunningMachine> StartAsync(
        InstalledPrograms programs, MachineOptions options, BootSource source, string workFolder, CancellationToken cancel)
    {
        string monitor = Path.Combine(workFolder, "qmp");
        string serial = Path.Combine(workFolder, "com1");
        List<string> arguments =
        [
            "-machine", options.Type, "-m", $"{options.MemoryMiB}M", "-nodefaults", "-vga", "std", "-nic", "none", "-no-reboot",
            "-rtc", "base=2026-01-01,clock=vm",
            "-accel", options.HostCpu ? "kvm" : "tcg",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-qmp", $"unix:{monitor},server=on,wait=off",
            "-serial", "chardev:com1",
        ];
        // Named, because without a name QEMU shows the screen to VNC viewers when it finds no window, and says so nowhere.
        arguments.AddRange(["-display", options.Screen == MachineScreen.Window ? "gtk" : "none"]);
        if (options.Screen == MachineScreen.Vnc)
        {
            // On the first free display.
            arguments.AddRange(["-vnc", "127.0.0.1:0,to=99"]);
        }

        if (options.Cpu != null)
        {
            arguments.AddRange(["-cpu", options.Cpu]);
        }

        // A pipe that is full for a moment makes the guest wait: harmless, but different on every run. A file is never full.
        arguments.AddRange(["-chardev", options.SendOnly ? $"file,id=com1,path={Comma(serial)}" : "stdio,id=com1,signal=off"]);
        if (options.InstructionClock)
        {
            arguments.AddRange(["-icount", "shift=0"]);
        }

        arguments.AddRange(Medium(options, source, workFolder));
        if (options.Disk != null)
        {
            string file = Comma(Path.GetFullPath(options.Disk));
            arguments.AddRange(["-drive", $"id=disk,format=raw,if=none,file={file}", "-device", "ide-hd,drive=disk,bus=ide.1"]);
        }

        arguments.AddRange(options.MoreArguments);
        ChildProcess process = ChildProcess.Start(programs.Get("qemu-system-i386"), arguments, options.TimeLimit, workFolder);
        RunningMachine running = options.SendOnly
            ? new QemuMachine(process, new GrowingFile(serial, () => process.HasExited), null, monitor, options.Screen)
            : new QemuMachine(process, process.Output, process.Input, monitor, options.Screen);
        return Task.FromResult(running);
    }

    private static IEnumerable<string> Medium(MachineOptions options, BootSource source, string workFolder)
    {
        string drive = $"id=medium,format=raw,file={Comma(Path.GetFullPath(source.Image))}";
        switch (options.Medium)
        {
            case BootMedium.Cd:
                return ["-drive", drive + ",if=none,media=cdrom,readonly=on", "-device", "ide-cd,drive=medium,bus=ide.0,bootindex=0"];
            case BootMedium.Disk:
                return ["-drive", drive + ",if=none,snapshot=on", "-device", "ide-hd,drive=medium,bus=ide.0,bootindex=0"];
            case BootMedium.Usb:
                // Not UHCI: on a busy host its emulation falls behind, which the BIOS takes for a read error.
                return
                [
                    "-drive", drive + ",if=none,snapshot=on",
                    "-device", "usb-ehci,id=usb", "-device", "usb-storage,bus=usb.0,drive=medium,bootindex=0",
                ];
            case BootMedium.Floppy:
                // A q35 has no controller of its own.
                return
                [
                    .. options.Type == "q35" ? ["-device", "isa-fdc"] : Array.Empty<string>(),
                    "-drive", drive + ",if=none,snapshot=on", "-device", "floppy,drive=medium,drive-type=144", "-boot", "a",
                ];
            case BootMedium.Network:
                // QEMU's own TFTP server and no way out of it: nothing listens on the host.
                string folder = Comma(Path.GetFullPath(source.Image));
                return
                [
                    "-netdev", $"user,id=net,restrict=on,tftp={folder},bootfile={TftpFolder.CoreName}",
                    "-device", $"{options.Card},netdev=net,bootindex=0",
                ];
            default:
                // QEMU cuts the module's name at a space and passes the kernel's to the kernel: both get plain names in its own folder.
                List<string> kernel = ["-kernel", Link(source.Image, workFolder, "bootalloc.elf"), "-append", source.CommandLine];
                if (source.Module != null)
                {
                    kernel.AddRange(["-initrd", Link(source.Module, workFolder, "module")]);
                }

                return kernel;
        }
    }

    private static string Link(string file, string folder, string name)
    {
        File.CreateSymbolicLink(Path.Combine(folder, name), Path.GetFullPath(file));
        return "./" + name;
    }

    // In QEMU's option lists a comma ends a value unless doubled.
    private static string Comma(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    private sealed class QemuMachine(ChildProcess process, Stream from, Stream? to, string monitor, MachineScreen screen)
        : RunningMachine(process, from, to, new OutputTail(null, process.Error))
    {
        private const string Booting = "Booting `";

        private bool _isStopped;

        public override bool EndsAfterPanic => true;

        public override bool? GuestSucceeded(int exitStatus) => exitStatus switch
        {
            Succeeded => true,
            Failed => false,
            _ => null,
        };

        public override BootEnd End(int exitStatus, bool sentSomething) => exitStatus switch
        {
            Succeeded or Failed => BootEnd.PoweredOff,
            0 => BootEnd.Reset,
            _ => BootEnd.EmulatorFailed,
        };

        public override async Task<string?> ScreenAddressAsync(CancellationToken cancel)
        {
            if (screen != MachineScreen.Vnc)
            {
                return null;
            }

            await using QemuMonitor connection = await ConnectAsync(cancel);
            JsonElement server = await connection.ExecuteAsync("query-vnc", null, cancel);
            return $"{server.GetProperty("host").GetString()}:{server.GetProperty("service").GetString()}";
        }

        // The machine is left stopped in its menu: else its time could be up before the key comes.
        public override async Task WaitForMenuAsync(CancellationToken cancel)
        {
            await using QemuMonitor connection = await ConnectAsync(cancel);
            while (!_isStopped)
            {
                if (await ShowsMenuAsync(connection, cancel))
                {
                    await connection.ExecuteAsync("stop", null, cancel);
                    _isStopped = await ShowsMenuAsync(connection, cancel);
                    if (_isStopped)
                    {
                        return;
                    }

                    await connection.ExecuteAsync("cont", null, cancel);
                }

                await Task.Delay(s_look, cancel);
            }
        }

        public override async Task PressAsync(IReadOnlyList<string> keys, CancellationToken cancel)
        {
            await using QemuMonitor connection = await ConnectAsync(cancel);
            foreach (string key in keys)
            {
                if (_isStopped)
                {
                    await connection.ContinueAndPressAsync(key, cancel);
                    _isStopped = false;
                }
                else
                {
                    await connection.PressAsync(key, cancel);
                }
            }
        }

        public override async Task SaveScreenAsync(string file, CancellationToken cancel)
        {
            await using QemuMonitor connection = await ConnectAsync(cancel);
            await Screen.SaveAsync(connection, Path.GetFullPath(file), cancel);
        }

        // What GRUB says when it boots an entry names the entry too.
        private async Task<bool> ShowsMenuAsync(QemuMonitor connection, CancellationToken cancel)
        {
            string text = await Screen.ReadAsync(connection, monitor + ".screen", cancel);
            return text.Contains(BootMenu.Title, StringComparison.Ordinal) && !text.Contains(Booting, StringComparison.Ordinal);
        }

        private Task<QemuMonitor> ConnectAsync(CancellationToken cancel)
            => QemuMonitor.ConnectAsync(monitor, () => Process.HasExited, cancel);
    }
}
