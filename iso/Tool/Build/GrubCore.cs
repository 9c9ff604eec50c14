using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Makes GRUB's core: the part that the first sector loads, with just the modules that the menu uses, so that nothing else has to be on
/// the medium. Also runs the other programs that make images, all of them at one fixed time.
/// </summary>
public sealed class GrubCore(InstalledPrograms programs)
{
    /// <summary>Where Debian installs GRUB for a PC's BIOS.</summary>
    public const string Folder = "/usr/lib/grub/i386-pc";

    /// <summary>For a CD that is also a disk: read from an ISO, with or without a table of partitions.</summary>
    public static readonly GrubCoreKind Cd = new("i386-pc-eltorito", ["iso9660", "part_msdos"]);

    /// <summary>
    /// The same for menus that never time out, and for machines whose clock is instructions: GRUB starts sooner there, and cannot count
    /// seconds elsewhere.
    /// </summary>
    public static readonly GrubCoreKind QuickCd = Cd with { ShortMeasure = true };

    /// <summary>For a floppy.</summary>
    public static readonly GrubCoreKind Floppy = new("i386-pc", ["fat"]);

    /// <summary>For a network card's PXE: the TFTP server's folder that it was loaded from is GRUB's own.</summary>
    public static readonly GrubCoreKind Network = new("i386-pc-pxe", ["pxe", "tftp"]) { Home = "" };

    // 2010-05-16, the day of Linux 2.6.34.
    private const string FixedSeconds = "1273968000";

    // All images of a kind have the same core; it is compressed once a run.
    private static readonly ConcurrentDictionary<(string Program, string Recipe), byte[]> s_made = new();

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly Dictionary<string, string> s_environment = new() { ["SOURCE_DATE_EPOCH"] = FixedSeconds };

    private static readonly string[] s_nothing = [];

    // What the menu uses, and what helps at GRUB's prompt (c) and in its editor (e).
    private static readonly string[] s_modules =
    [
        "normal", "configfile", "boot", "multiboot", "multiboot2",
        "minicmd", "echo", "test", "ls", "cat", "help", "reboot", "halt", "serial", "terminal", "lsmmap", "vbe", "vga",
    ];

    /// <summary>What it takes.</summary>
    public static IReadOnlyList<Need> Needs { get; } =
    [
        new("grub-mkimage", "grub-common"),
        new(Folder + "/boot_hybrid.img", "grub-pc-bin", null),
    ];

    /// <summary>The modules of a core.</summary>
    /// <param name="kind">Where it is read from.</param>
    /// <param name="more">What an image needs besides the usual.</param>
    public static IReadOnlyList<string> Modules(GrubCoreKind kind, IReadOnlyList<string> more)
        => [.. new[] { "biosdisk" }.Concat(kind.Modules).Concat(s_modules).Concat(more).Distinct()];

    /// <summary>What a core is made of; part of a build's fingerprint.</summary>
    /// <param name="kind">Where it is read from.</param>
    /// <param name="more">What an image needs besides the usual.</param>
    public static string Recipe(GrubCoreKind kind, IReadOnlyList<string> more)
        => string.Join(
            ' ', [kind.Format, GrubModules.Recipe, .. kind.ShortMeasure ? [GrubModules.ShortRecipe] : s_nothing, .. Modules(kind, more)]);

    /// <summary>Makes a core.</summary>
    /// <param name="file">The file to write.</param>
    /// <param name="kind">Where it is read from.</param>
    /// <param name="more">Modules that the image needs besides the usual.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="MissingToolException">GRUB is not installed, or lacks a module.</exception>
    /// <exception cref="FailedException">GRUB reports an error.</exception>
    public async Task MakeAsync(string file, GrubCoreKind kind, IReadOnlyList<string> more, CancellationToken cancel)
    {
        await programs.ProvideAsync(Needs, cancel);
        IReadOnlyList<string> modules = Modules(kind, more);
        CheckModules(Folder, modules);
        (string Program, string Recipe) key = (programs.Get("grub-mkimage"), $"{kind.Home} {Recipe(kind, more)}");
        if (s_made.TryGetValue(key, out byte[]? core))
        {
            await File.WriteAllBytesAsync(file, core, cancel);
            return;
        }

        using TemporaryFolder changed = new();
        await GrubModules.FillAsync(Folder, changed.Path, kind.ShortMeasure, cancel);
        await RunAsync("grub-mkimage", ["-O", kind.Format, "-d", changed.Path, "-p", kind.Home, "-o", file, .. modules], cancel);
        s_made[key] = await File.ReadAllBytesAsync(file, cancel);
    }

    /// <summary>Refuses to go on when a module is not there.</summary>
    /// <param name="folder">Where they are.</param>
    /// <param name="modules">Their names.</param>
    /// <exception cref="MissingToolException">One or more are missing; the message names them and says how to get them.</exception>
    public static void CheckModules(string folder, IReadOnlyList<string> modules)
    {
        string[] missing = [.. modules.Where(m => !File.Exists(Path.Combine(folder, m + ".mod")))];
        if (missing.Length != 0)
        {
            throw new MissingToolException($"GRUB lacks {string.Join(", ", missing.Select(m => m + ".mod"))}: expected in {folder}, found "
                + "none; as root: apt-get install --reinstall grub-pc-bin");
        }
    }

    /// <summary>Runs a program that makes images, with the fixed time as its own.</summary>
    /// <exception cref="FailedException">It reports an error.</exception>
    public async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(programs.Get(program), arguments, s_limit, cancel, s_environment);
        if (result.ExitStatus != 0)
        {
            throw new FailedException($"{program}: {result.LastLine}");
        }
    }
}

/// <summary>Where a core is read from.</summary>
/// <param name="Format">The image format by grub-mkimage's name.</param>
/// <param name="Modules">What reads the medium's file system.</param>
public sealed record GrubCoreKind(string Format, IReadOnlyList<string> Modules)
{
    /// <summary>The folder of GRUB's menu on the medium; empty for the one that the core itself comes from.</summary>
    public string Home { get; init; } = "/boot/grub";

    /// <summary>GRUB measures the CPU's clock for 3 ms only (<see cref="GrubModules"/>).</summary>
    public bool ShortMeasure { get; init; }
}
