using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The configurations beside an image: machines for Bochs and VMware that boot it.</summary>
public static class MachineFiles
{
    private static readonly (
        string Template, string Extension)[] s_templates = [("bochsrc.template", ".bochsrc"), ("machine.vmx.template", ".vmx")];

    /// <summary>Writes those that are missing or differ from their template.</summary>
    /// <param name="project">The work tree.</param>
    /// <param name="iso">The image; the configurations get its name with their own extensions.</param>
    /// <param name="name">Replaces @VARIANT@; the image's name without its extension replaces @IMAGE@.</param>
    /// <param name="cancel">Ends the work.</param>
    /// <returns>True when one was written.</returns>
    public static async Task<bool> UpdateAsync(ProjectFolder project, string iso, string name, CancellationToken cancel)
    {
        bool written = false;
        foreach ((string template, string extension) in s_templates)
        {
            string file = Path.ChangeExtension(iso, extension);
            string text = await File.ReadAllTextAsync(Path.Combine(project.Templates, template), cancel);
            text = text.Replace("@VARIANT@", name, StringComparison.Ordinal)
                .Replace("@IMAGE@", Path.GetFileNameWithoutExtension(iso), StringComparison.Ordinal);
            if (!File.Exists(file) || await File.ReadAllTextAsync(file, cancel) != text)
            {
                await File.WriteAllTextAsync(file, text, cancel);
                written = true;
            }
        }

        return written;
    }
}
