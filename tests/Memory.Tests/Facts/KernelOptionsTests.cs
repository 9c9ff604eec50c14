using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Facts;

/// <summary>The table of kernel options and the command line that is read by it.</summary>
public sealed unsafe class KernelOptionsTests
{
    // Expect every option to have a row of its own, with a help text, and to be found by its name.
    [Fact]
    public void EveryOptionHasARow()
    {
        HashSet<string> names = [];
        for (KernelOption option = 0; option < KernelOption.None; option++)
        {
            KernelOptions.Row(option, out string name, out string help);
            Assert.True(names.Add(name), $"{name} stands twice in the table");
            Assert.NotEmpty(help);
            fixed (byte* word = Encoding.ASCII.GetBytes(name))
            {
                Assert.Equal(option, KernelOptions.Find(word, name.Length));
            }
        }
    }

    [Theory]
    [InlineData("selftest", KernelOption.SelfTest)]
    [InlineData("selftests", KernelOption.None)]
    [InlineData("self", KernelOption.None)]
    [InlineData("mem=64M", KernelOption.Mem)]
    [InlineData("mem=", KernelOption.Mem)]
    [InlineData("mem", KernelOption.None)]
    [InlineData("memmap=1M$32M", KernelOption.MemMap)]
    public void AWordIsAnOptionOrNot(string text, KernelOption expected)
    {
        fixed (byte* word = Encoding.ASCII.GetBytes(text))
        {
            Assert.Equal(expected, KernelOptions.Find(word, text.Length));
        }
    }

    // Expect flags to be noted, values in their order, and only the unknown word to be reported: the loader's path of the image is not one.
    [Fact]
    public void ACommandLineIsRead()
    {
        using HostMachine machine = new();
        MachineFacts facts = default;
        fixed (byte* text = "boot/kernel debug mem=64M  memmap=1K@2M\tfrobnicate memmap=exactmap quiet\0"u8)
        {
            facts.SetCommandLine(text);
            CommandLine line = default;
            line.Parse(facts.CommandLine());
            Assert.True(line.Debug && line.Quiet);
            Assert.False(line.SelfTest || line.Bench || line.PowerOff || line.EarlyPrintk);

            List<string> values = [];
            int at = 0;
            for (KernelOption option = line.NextValue(ref at, out byte* value);
                option != KernelOption.None;
                option = line.NextValue(ref at, out value))
            {
                values.Add($"{option} {new string((sbyte*)value)}");
            }

            Assert.Equal(["Mem 64M", "MemMap 1K@2M", "MemMap exactmap"], values);
            line.Report(&machine.Memory->Log, &facts);
            Assert.Equal(
                ["Unknown option 'frobnicate' ignored; known are mem= memmap= selftest bench poweroff debug quiet earlyprintk console="],
                machine.Log);
        }
    }

    [Theory]
    [InlineData("", 0, 0)]
    [InlineData("console=ttyS1", 1, 0)]
    [InlineData("console=tty0 console=ttyS3,115200n8 mem=64M", 3, 1)]
    [InlineData("console=ttyS4 console=ttyS22 console=", 0, 3)]
    [InlineData("console=ttyS2 console=ttyS0", 0, 0)]
    public void TheConsoleIsTheLastPortThatIsNamed(string text, int port, int bad)
    {
        using HostMachine machine = new();
        MachineFacts facts = default;
        fixed (byte* bytes = Encoding.ASCII.GetBytes(text + "\0"))
        {
            facts.SetCommandLine(bytes);
            CommandLine line = default;
            line.Parse(facts.CommandLine());

            Assert.Equal(port, line.ConsolePort(null));
            Assert.Equal(port, line.ConsolePort(&machine.Memory->Log));
            Assert.Equal(bad, machine.Log.Count(l => l.StartsWith("Bad value in 'console=", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("bootalloc.elf debug", false)]
    [InlineData("BOOT_IMAGE=bootalloc debug", false)]
    [InlineData("./bootalloc debug", false)]
    [InlineData("nonsense debug", true)]
    [InlineData("debug bootalloc.elf", true)]
    [InlineData("nonsense=1.5 debug", true)]
    public unsafe void TheFirstWordMayBeTheImagesFileName(string text, bool reported)
    {
        using HostMachine machine = new();
        MachineFacts facts = default;
        fixed (byte* bytes = System.Text.Encoding.ASCII.GetBytes(text + "\0"))
        {
            facts.SetCommandLine(bytes);
            CommandLine line = default;
            line.Parse(facts.CommandLine());
            Assert.True(line.Debug);
            line.Report(&machine.Memory->Log, &facts);
            Assert.Equal(reported, machine.Log.Count != 0);
        }
    }
}
