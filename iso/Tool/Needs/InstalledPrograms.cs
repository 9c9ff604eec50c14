using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Needs;

/// <summary>
/// What is installed on the host, and the installation of what is missing: from Debian's packages, as root or through sudo where that
/// needs no password.
/// </summary>
/// <param name="path">Folders to search for programs, as in PATH.</param>
/// <param name="installing">False forbids installing (BOOTALLOC_NO_INSTALL).</param>
/// <param name="say">Receives a line when an installation begins.</param>
public sealed class InstalledPrograms(string path, bool installing, Action<string> say)
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly TimeSpan s_aptLimit = TimeSpan.FromMinutes(20);

    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>The programs on this process's PATH.</summary>
    public static InstalledPrograms FromEnvironment(Action<string> say) => new(
        Environment.GetEnvironmentVariable("PATH") ?? "",
        Environment.GetEnvironmentVariable("BOOTALLOC_NO_INSTALL") is null or "" or "0",
        say);

    /// <summary>The path of a program or file, or null.</summary>
    /// <param name="what">A program's name or an absolute file name.</param>
    public string? Find(string what)
    {
        if (Path.IsPathRooted(what))
        {
            // A link exists even when its target, from another package, does not.
            return File.Exists(what) && (File.ResolveLinkTarget(what, returnFinalTarget: true)?.Exists ?? true) ? what : null;
        }

        foreach (string folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            string candidate = Path.Combine(folder, what);
            if (File.Exists(candidate) && (File.GetUnixFileMode(candidate) & Executable) != 0)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The path of a program that <see cref="ProvideAsync"/> has provided.</summary>
    /// <exception cref="MissingToolException">It is missing.</exception>
    public string Get(string program) => Find(program) ?? throw new MissingToolException($"{program} is missing");

    /// <summary>The needs that are not met.</summary>
    public IReadOnlyList<Need> Missing(IEnumerable<Need> needs) => [.. needs.Where(n => Find(n.What) == null)];

    /// <summary>The command that installs them; null for none.</summary>
    public static string? InstallLine(IEnumerable<Need> missing)
    {
        string packages = string.Join(' ', missing.SelectMany(n => n.Package.Split(' ')).Distinct());
        return packages.Length == 0 ? null : "apt-get install --no-install-recommends " + packages;
    }

    /// <summary>Installs whatever is missing of the needs.</summary>
    /// <exception cref="MissingToolException">Something is missing and cannot be installed from here; the message has the command that
    /// does it.</exception>
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
                throw new MissingToolException($"{string.Join(", ", missing.Select(n => n.What))} missing; as root: "
                    + $"{InstallLine(missing)}");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    [DllImport("libc")]
    private static extern uint geteuid();

    /// <summary>The command line that runs apt-get as root, or null.</summary>
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

        ChildResult asked = await ChildProcess.RunAsync(sudo, ["-n", "true"], TimeSpan.FromMinutes(1), cancel);
        return asked.ExitStatus == 0 ? [sudo, "-n", apt] : null;
    }

    private async Task InstallAsync(IReadOnlyList<string> apt, IReadOnlyList<Need> missing, CancellationToken cancel)
    {
        string[] packages = [.. missing.SelectMany(n => n.Package.Split(' ')).Distinct()];
        say("installing " + string.Join(' ', packages));
        Dictionary<string, string> environment = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };
        string[] options = ["-o", "DPkg::Lock::Timeout=300", "-q"];

        // An update may fail (one unreachable source of many) without the installation failing; only the latter counts.
        await ChildProcess.RunAsync(apt[0], [.. apt.Skip(1), .. options, "update"], s_aptLimit, cancel, environment);
        ChildResult installed = await ChildProcess.RunAsync(
            apt[0], [.. apt.Skip(1), .. options, "install", "-y", "--no-install-recommends", .. packages], s_aptLimit, cancel, environment);
        if (installed.ExitStatus != 0)
        {
            throw new MissingToolException($"'{InstallLine(missing)}' failed: {installed.LastLine}");
        }
    }
}
