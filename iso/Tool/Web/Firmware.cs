using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>
/// What stands at the reset vector of the page's machines: SeaBIOS, or our own start (iso/Web/start.asm) that goes straight to the kernel;
/// and the VGA BIOS, which both run.
/// </summary>
/// <param name="programs">Provides them.</param>
public sealed class Firmware(InstalledPrograms programs)
{
    /// <summary>SeaBIOS.</summary>
    public const string Bios = "/usr/share/seabios/bios.bin";

    /// <summary>The VGA BIOS.</summary>
    public const string VgaBios = "/usr/share/vgabios/vgabios.bin";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    /// <summary>Debian's files, and the assembler.</summary>
    public static IReadOnlyList<Need> Needs { get; } =
    [
        new(Bios, "seabios", null), new(VgaBios, "vgabios", null), new("nasm", "nasm"),
    ];

    /// <summary>Assembles our start.</summary>
    /// <param name="source">start.asm.</param>
    /// <param name="binary">The file to write.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <exception cref="FailedException">It does not assemble.</exception>
    public async Task AssembleAsync(string source, string binary, CancellationToken cancel)
    {
        ChildResult result = await ChildProcess.RunAsync(
            programs.Get("nasm"), ["-f", "bin", "-Werror", "-o", binary, source], s_limit, cancel);
        if (result.ExitStatus != 0)
        {
            throw new FailedException($"{source} does not assemble\n{result.Output.Trim()}");
        }
    }

    /// <summary>The version of an installed Debian package; "of this machine" where there is no dpkg to ask.</summary>
    public async Task<string> VersionAsync(string package, CancellationToken cancel)
    {
        if (programs.Find("dpkg-query") is not { } query)
        {
            return "of this machine";
        }

        ChildResult result = await ChildProcess.RunAsync(query, ["-W", "-f", "${Version}", package], s_limit, cancel);
        return result.ExitStatus == 0 ? result.Output.Trim() : "of this machine";
    }
}
