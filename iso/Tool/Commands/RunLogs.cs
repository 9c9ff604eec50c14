using System.IO;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>
/// The logs of <c>bootalloc run</c>: a file for each boot in <c>iso/out/runs</c>, so that none overwrites another, and <c>compare</c> takes
/// them all.
/// </summary>
public static class RunLogs
{
    /// <summary>The folder.</summary>
    public static string Folder(ProjectFolder project) => Path.Combine(project.Out, "runs");

    /// <summary>
    /// Makes the log of a boot, such as <c>nobootmem-128M-qemu-007.log</c>: empty, so that no other boot takes the name.
    /// </summary>
    /// <param name="project">The project.</param>
    /// <param name="what">What boots: a variant's or an image's name.</param>
    /// <param name="machine">The machine.</param>
    /// <returns>The file.</returns>
    public static string Make(ProjectFolder project, string what, MachineOptions machine)
    {
        string folder = Directory.CreateDirectory(Folder(project)).FullName;
        for (int number = 1; ; number++)
        {
            string file = Path.Combine(folder, $"{what}-{machine.MemoryMiB}M-{machine.Emulator.Word}-{number:000}.log");
            if (TryMake(file))
            {
                return file;
            }
        }
    }

    /// <summary>Deletes a log that is still empty: of a boot that did not begin.</summary>
    public static void DropEmpty(string file)
    {
        if (File.Exists(file) && new FileInfo(file).Length == 0)
        {
            File.Delete(file);
        }
    }

    private static bool TryMake(string file)
    {
        if (File.Exists(file))
        {
            return false;
        }

        try
        {
            using FileStream made = new(file, FileMode.CreateNew, FileAccess.Write);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
    }
}
