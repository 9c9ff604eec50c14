using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Matrix;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The table of machines, and what the matrix shows.</summary>
public sealed class MatrixTests
{
    // Expect the project's own table to be what the matrix promises: twelve machines from 8 MB to 4 GB, two emulators, CPU models and a map.
    [Fact]
    public void TheOwnTableIsOne()
    {
        IReadOnlyList<MatrixMachine> machines = MatrixMachine.Load(ProjectFolder.Find().At("iso", "machines.matrix"));

        Assert.Equal(12, machines.Count);
        Assert.Equal(8 * MachineOptions.MiB, machines.Min(m => m.Machine.MemoryBytes));
        Assert.Equal(4096 * MachineOptions.MiB, machines.Max(m => m.Machine.MemoryBytes));
        Assert.Equal(2, machines.Select(m => m.Machine.Emulator).Distinct().Count());
        Assert.True(machines.Select(m => m.Machine.Cpu).Distinct().Count() > 3);
        Assert.Contains(machines, m => m.Options.Contains("memmap=", StringComparison.Ordinal));
        Assert.All(machines, m => Assert.Equal(m.Machine.Emulator == EmulatorKind.Qemu, m.Machine.InstructionClock));
    }

    [Fact]
    public void OptionsAreTheRestOfTheLine()
    {
        MatrixMachine machine = Assert.Single(MatrixMachine.Read("t", ["# a comment", "", " small\tqemu  8M - q35 cd  mem=7M   memmap=64K$1M "]));

        Assert.Equal("small", machine.Name);
        Assert.Equal("mem=7M memmap=64K$1M", machine.Options);
        Assert.Equal("q35", machine.Machine.Type);
        Assert.Null(machine.Machine.Cpu);
    }

    [Theory]
    [InlineData("", "t:1: expected machines")]
    [InlineData("a qemu 8M - pc kernel", "t:1: expected 'NAME EMULATOR")]
    [InlineData("../a qemu 8M - pc kernel -", "t:1: expected a name")]
    [InlineData("a vmware 8M - pc kernel -", "t:1: expected an emulator (qemu, bochs), found 'vmware'")]
    [InlineData("a qemu 8X - pc kernel -", "t:1: memory size: expected")]
    [InlineData("a qemu 8M - mac kernel -", "t:1: expected a machine pc or q35")]
    [InlineData("a qemu 8M - pc floppy -", "t:1: expected what it boots from")]
    [InlineData("a bochs 8M - pc kernel -", "t:1: expected cd or disk for Bochs")]
    [InlineData("a qemu 8M - pc cd -\na qemu 9M - pc cd -", "t:2: expected a name that no other machine has")]
    public void AWrongLineIsNamed(string text, string message)
        => Assert.StartsWith(message, Assert.Throws<BadInputException>(() => MatrixMachine.Read("t", text.Split('\n'))).Message);

    // Expect the page to fit a phone, its script to run, and its cells to be the figures of the logs.
    [Fact]
    public async Task ThePageShowsTheLogsFigures()
    {
        MatrixMachine machine = MatrixMachine.Read("t", ["128m qemu 128M - pc cd -"])[0];
        MatrixMachine small = MatrixMachine.Read("t", ["8m qemu 8M - pc kernel -"])[0];
        List<MatrixBoot> boots = [];
        foreach (MatrixMachine m in new[] { machine, small })
        {
            foreach (string variant in new[] { "bootmem", "nobootmem", "lmb", "memblock" })
            {
                BootLog log = BootLog.Load(Path.Combine(RecordedLogTests.Folder, $"qemu-{m.Name}-{variant}.log"));
                boots.Add(new MatrixBoot(m, variant, log, BootLogChecks.Check(log)));
            }
        }

        JsonElement found = await BrowserPage.ProbeAsync(
            new MatrixReport(boots).Page(),
            400,
            false,
            """
            const cells = {};
            for (const e of document.querySelectorAll('[data-cell]')) cells[e.dataset.cell] = e.textContent.replaceAll(',', '');
            return { cells, over: document.documentElement.scrollWidth - document.documentElement.clientWidth, points: document.querySelectorAll('.plot circle').length };
            """);

        Assert.True(found.GetProperty("over").GetInt32() <= 0);
        Assert.Equal(2 * boots.Count, found.GetProperty("points").GetInt32());
        foreach (MatrixBoot boot in boots)
        {
            string Cell(string title) => found.GetProperty("cells").GetProperty($"{title}|{boot.Machine.Name}|{boot.Variant}").GetString()!;
            Assert.Equal(boot.Log.Stage("buddy")!["ticks"], Cell("Ticks of stage buddy"));
            Assert.Equal(boot.Log.Accounted!["free_pages"], Cell("Free pages handed over"));
            Assert.Equal(boot.Log.Stages.Sum(s => (long)s.Number("ticks")!.Value).ToString(), Cell("Ticks from the map to the heap"));
        }
    }
}
