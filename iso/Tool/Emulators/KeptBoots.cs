using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Needs;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>
/// Boots that need not be repeated. The log of a good boot is kept with a fingerprint of everything that it came from: what was booted, the
/// machine, what was done to it, the emulator with its firmware, and this program. While all that is the same, the log is that of the next
/// boot. The fingerprint stands with one of the log itself in a file beside it; when a piece is missing or damaged, the machine boots.
/// </summary>
/// <param name="programs">What is installed.</param>
/// <param name="fresh">Boot whatever was kept.</param>
public sealed class KeptBoots(InstalledPrograms programs, bool fresh = false)
{
    /// <summary>What a command says of a boot that was kept.</summary>
    public const string Reason = "kept: same image, machine, and emulator";

    private const string Recipe = "kept boot 1";

    /// <summary>The result kept from an earlier run, or that of a boot.</summary>
    /// <exception cref="Errors.MissingToolException">The emulator is not installed.</exception>
    public async Task<BootResult> RunAsync(BootRequest request, CancellationToken cancel)
    {
        await programs.ProvideAsync(request.Machine.Needs, cancel);
        string? inputs = CanKeep(request) ? Inputs(request) : null;
        string stamp = StampOf(request.LogFile);
        if (inputs != null && !fresh && Find(request.LogFile, stamp, inputs) is { } kept)
        {
            return kept;
        }

        File.Delete(stamp);
        BootResult result = await new BootSession(programs).RunAsync(request, cancel);
        if (inputs != null && result.Problems().Count == 0)
        {
            await File.WriteAllTextAsync(stamp, Stamp(inputs, result.End, result.LogFile), cancel);
        }

        return result;
    }

    /// <summary>The file beside a log that says what it came from.</summary>
    public static string StampOf(string log) => log + ".kept";

    /// <summary>
    /// Adds what an emulator is on this host: its programs and its firmware by name, length, and date of the last change; they are too
    /// large to be read each time.
    /// </summary>
    public static void AddTo(Fingerprint inputs, IEmulator emulator, InstalledPrograms programs)
    {
        foreach (string what in emulator.Needs.Select(n => n.What).Concat(emulator.Firmware))
        {
            FileInfo? file = programs.Find(what) is { } path ? new FileInfo(path) : null;
            file = file?.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            inputs.Add(what, file == null ? "none" : $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}");
        }
    }

    /// <summary>The fingerprint of everything that the log of a boot depends on.</summary>
    public string Inputs(BootRequest request)
    {
        BootSource source = request.Source;
        MachineOptions machine = request.Machine with { TimeLimit = TimeSpan.Zero };
        using Fingerprint inputs = new();
        inputs.Add("recipe", Recipe).Add("program", $"{typeof(KeptBoots).Module.ModuleVersionId}");
        AddTo(inputs, machine.Emulator, programs);
        inputs.Add("machine", machine.ToString()).Add("arguments", string.Join('\0', machine.MoreArguments));
        inputs.Add("menu", request.MenuKeys == null ? "none" : string.Join(' ', request.MenuKeys));
        inputs.Add("keys", string.Join(' ', request.ShellKeys)).Add("commands", string.Join('\n', request.Commands));
        inputs.Add("power", $"{request.PowerOff}").Add("command line", source.CommandLine);
        foreach (string file in new[] { source.Image, source.Module }.OfType<string>())
        {
            if (Directory.Exists(file))
            {
                inputs.AddFolder(file, file);
            }
            else
            {
                inputs.AddFile(Path.GetDirectoryName(Path.GetFullPath(file))!, file);
            }
        }

        return inputs.Value();
    }

    // Not what a person does to a machine, not pictures of its screen, and not a disk that it may write to.
    private static bool CanKeep(BootRequest request)
        => request is { Keyboard: false, ScreenFile: null, ScreensFolder: null, Machine: { Screen: MachineScreen.None, Disk: null } };

    private static BootResult? Find(string log, string stamp, string inputs)
    {
        if (!File.Exists(log) || !File.Exists(stamp))
        {
            return null;
        }

        string found = File.ReadAllText(stamp);
        foreach (BootEnd end in new[] { BootEnd.PoweredOff, BootEnd.Stopped })
        {
            if (found == Stamp(inputs, end, log))
            {
                string text = File.ReadAllText(log, Encoding.Latin1);
                string file = Path.GetFullPath(log);
                return new BootResult(end, null, BootLog.Parse(file, text), file, text, "", null, TimeSpan.Zero) { Kept = true };
            }
        }

        return null;
    }

    private static string Stamp(string inputs, BootEnd end, string log)
    {
        using Fingerprint output = new();
        return $"inputs {inputs}\nend {end}\nlog {output.AddFile(Path.GetDirectoryName(Path.GetFullPath(log))!, log).Value()}\n";
    }
}
