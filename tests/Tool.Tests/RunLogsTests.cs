using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The names of the logs of single boots, and what a machine with a window needs.</summary>
public sealed class RunLogsTests
{
    [Fact]
    public void NoBootOverwritesAnothersLog()
    {
        using TemporaryTree tree = new();
        ProjectFolder project = new(tree.Root);
        MachineOptions machine = new() { MemoryBytes = 64 * MachineOptions.MiB };

        string[] files = [.. Enumerable.Range(0, 2).Select(_ => RunLogs.Make(project, "lmb", machine))];
        File.WriteAllText(files[1], "a log");
        foreach (string file in files)
        {
            RunLogs.DropEmpty(file);
        }

        Assert.Equal(["lmb-64M-qemu-001.log", "lmb-64M-qemu-002.log"], files.Select(Path.GetFileName));
        Assert.Equal([files[1]], Directory.GetFiles(RunLogs.Folder(project)));
    }

    [Theory]
    [InlineData("qemu", "qemu-system-gui")]
    [InlineData("bochs", "bochs-x")]
    public void AWindowNeedsItsPackage(string emulator, string package)
    {
        MachineOptions machine = new() { Emulator = EmulatorList.Find(emulator)! };

        Assert.DoesNotContain(machine.Needs, n => n.Package == package);
        Assert.Contains((machine with { Screen = MachineScreen.Window }).Needs, n => n.Package == package);
    }
}
