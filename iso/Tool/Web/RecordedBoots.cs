using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>
/// A boot log of each variant in which a tick is an instruction: booted in QEMU under -icount, and kept. They are what
/// the page shows for ticks, since the page's emulator has a clock that means nothing.
/// </summary>
/// <param name="project">The work tree.</param>
/// <param name="programs">Provides QEMU.</param>
public sealed class RecordedBoots(ProjectFolder project, InstalledPrograms programs)
{
    /// <summary>The log of a variant, booted anew if its image changed.</summary>
    /// <param name="request">The boot; its log's name is chosen here.</param>
    /// <param name="variant">The variant's name.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>The log's file.</returns>
    /// <exception cref="FailedException">The boot was not good.</exception>
    public async Task<string> UpdateAsync(BootRequest request, string variant, CancellationToken cancel)
    {
        string log = Path.Combine(project.Out, "web", $"recorded-{variant}.log");
        BootResult boot = await new KeptBoots(programs).RunAsync(request with { LogFile = log }, cancel);
        IReadOnlyList<string> problems = boot.Problems();
        if (problems.Count != 0)
        {
            throw new FailedException($"{variant} does not boot well under QEMU: {string.Join("; ", problems)}; log: {project.Show(log)}");
        }

        return log;
    }
}
