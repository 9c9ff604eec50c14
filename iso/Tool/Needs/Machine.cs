using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Needs;

/// <summary>
/// The machine that the tool runs on: what is installed, and installing what is missing from Debian's packages, as root
/// or through sudo when that asks for no password.
/// </summary>
/// <param name="path">Folders where programs are looked for, as in PATH.</param>
/// <param name="installing">False forbids installing (BOOTALLOC_NO_INSTALL).</param>
/// <param name="say">Receives a line when an installation begins.</param>
public sealed class Machine(string path, bool installing, Action<string> say)
{
    private static readonly TimeSpan s_aptLimit = TimeSpan.FromMinutes(20);

    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>The machine as the environment shows it.</summary>
    public static Machine FromEnvironment(Action<string> say) => new(
        Environment.GetEnvironmentVariable("PATH") ?? "",
        Environment.GetEnvironmentVariable("BOOTALLOC_NO_INSTALL") is null or "" or "0",
        say);

    /// <summary>Where a program is, or null.</summary>
    public string? Find(string what)
    {
        if (Path.IsPathRooted(what))
        {
            // A link whose target another package brings exists without it.
            return File.Exists(what) && (File.ResolveLinkTarget(what, returnFinalTarget: true)?.Exists ?? true) ? what : null;
        }

        // Debian keeps some administrators' programs where people's PATH does not lead; with no PATH at all nothing is found.
        foreach (string folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(folder, what);
            if (File.Exists(candidate) && (File.GetUnixFileMode(candidate) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Where a program is that <see cref="ProvideAsync"/> has seen to.</summary>
    /// <exception cref="MissingToolException">It is not there.</exception>
    public string Get(string program) => Find(program) ?? throw new MissingToolException($"{program} is missing");

    /// <summary>Those of the needs that are not met.</summary>
    public IReadOnlyList<Need> Missing(IEnumerable<Need> needs) => [.. needs.Where(n => Find(n.What) == null)];

    /// <summary>The one line that installs them; null for none.</summary>
    public static string? InstallLine(IEnumerable<Need> missing)
    {
        string packages = string.Join(' ', missing.SelectMany(n => n.Package.Split(' ')).Distinct());
        return packages.Length == 0 ? null : "apt-get install --no-install-recommends " + packages;
    }

    /// <summary>Sees to it that the needs are met.</summary>
    /// <exception cref="MissingToolException">Something is missing and cannot be installed from here; the message is the line that does it.</exception>
    public async Task ProvideAsync(IEnumerable<Need> needs, CancellationToken cancel)
    {
        List<Need> wanted = [.. needs];
        await _gate.WaitAsync(cancel);
        try
        {
            IReadOnlyList<Need> missing = Missing(wanted);
            if (missing.Count == 0)
            {
                return;
            }

            if (await AptAsync(cancel) is { } apt)
            {
                await InstallAsync(apt, missing, cancel);
                missing = Missing(wanted);
            }

            if (missing.Count != 0)
            {
                throw new MissingToolException($"{string.Join(", ", missing.Select(n => n.What))} missing; as root: {InstallLine(missing)}");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    [DllImport("libc")]
    private static extern uint geteuid();

    /// <summary>How apt-get can be run with root's rights, or null.</summary>
    private async Task<IReadOnlyList<string>?> AptAsync(CancellationToken cancel)
    {
        if (!installing || Find("apt-get") is not { } apt)
        {
            return null;
        }

        if (geteuid() == 0)
        {
            return [apt];
        }

        if (Find("sudo") is not { } sudo)
        {
            return null;
        }

        ChildResult asked = await ChildProcess.RunAsync(sudo, ["-n", "true"], TimeSpan.FromSeconds(10), cancel);
        return asked.ExitStatus == 0 ? [sudo, "-n", apt] : null;
    }

    private async Task InstallAsync(IReadOnlyList<string> apt, IReadOnlyList<Need> missing, CancellationToken cancel)
    {
        string[] packages = [.. missing.SelectMany(n => n.Package.Split(' ')).Distinct()];
        say("installing " + string.Join(' ', packages));
        Dictionary<string, string> environment = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };
        string[] options = ["-o", "DPkg::Lock::Timeout=300", "-q"];

        // A failing update (one source of many unreachable) need not make the installation fail, which says what matters.
        await ChildProcess.RunAsync(apt[0], [.. apt.Skip(1), .. options, "update"], s_aptLimit, cancel, environment);
        ChildResult installed = await ChildProcess.RunAsync(
            apt[0], [.. apt.Skip(1), .. options, "install", "-y", "--no-install-recommends", .. packages], s_aptLimit, cancel, environment);
        if (installed.ExitStatus != 0)
        {
            throw new MissingToolException($"'{InstallLine(missing)}' failed: {installed.LastLine}");
        }
    }
}
