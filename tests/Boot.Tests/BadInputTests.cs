using System;
using System.IO;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>Machines and loaders that cannot be booted on, and those that lie: a clear message each, never a hang or a reset.</summary>
public sealed class BadInputTests
{
    private const uint Multiboot1Map = 1 << 6;
    private const uint Multiboot1Memory = 1 << 0;

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task UnderEightMegabytesIsRefused(string variant)
    {
        BootResult result = await Lab.BootAsync(variant, new MachineOptions { MemoryBytes = 3 * MachineOptions.MiB }, Entry(""));

        Lab.AssertPanic(result, "Too little memory");
    }

    [Theory]
    [InlineData("mem=3M", "Too little memory")]
    [InlineData("mem=1M", "Too little memory")]
    [InlineData("memmap=exactmap", "memory map")]
    [InlineData("memmap=exactmap memmap=16M@16M", "memory map")]
    [InlineData("memmap=exactmap memmap=640K@0 memmap=1M@1M", "Too little memory")]
    [InlineData("memmap=3G$1M", "Too little memory")]
    [InlineData("memmap=exactmap memmap=640K@0 memmap=64M@4G", "Too little memory")]
    [InlineData("memmap=1G@1M", "No RAM at 400ffffc")]
    [InlineData("memmap=exactmap memmap=1M@512M memmap=64M@1024M", "No RAM at")]
    public async Task AnEmptyOrAbsurdMapIsRefusedWithAMessage(string commandLine, string words)
        => Lab.AssertPanic(await Lab.BootAsync(Lab.AnyVariant, commandLine), words);

    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task WithoutAMemoryMapTheMultiboot1KernelReportsIt(string variant)
    {
        BootResult result = await LieAsync(variant, BootMedium.Kernel, BootProtocol.Multiboot1, async (loader, information) =>
            await loader.WriteAsync(information, await loader.ReadAsync(information) & ~(Multiboot1Map | Multiboot1Memory)));

        Lab.AssertPanic(result, "No memory map");
    }

    [Fact]
    public async Task WithoutAMemoryMapTheMultiboot2KernelReportsIt()
    {
        BootResult result = await LieAsync(Lab.AnyVariant, BootMedium.Cd, BootProtocol.Multiboot2, async (loader, information) =>
        {
            // The tags of the map (6) and of the sizes (4) get an unknown type.
            uint end = information + await loader.ReadAsync(information);
            for (uint tag = information + 8; tag < end && await loader.ReadAsync(tag) != 0;)
            {
                uint type = await loader.ReadAsync(tag);
                uint size = await loader.ReadAsync(tag + 4);
                if (type is 4 or 6)
                {
                    await loader.WriteAsync(tag, 0x7777);
                }

                tag += (size + 7) & ~7u;
            }
        });

        Lab.AssertPanic(result, "No memory map");
    }

    // A 486 with a BIOS that knows no int 15h, ax=e820h: the loader has the sizes from its older calls.
    [Theory]
    [MemberData(nameof(Lab.VariantNames), MemberType = typeof(Lab))]
    public async Task WithTheOlderSizesOnlyItBootsOnThose(string variant)
    {
        MachineOptions machine = new() { Cpu = "486", MemoryBytes = 4 * MachineOptions.MiB };
        BootResult result = await LieAsync(
            variant, BootMedium.Kernel, BootProtocol.Multiboot1,
            async (loader, information) =>
                await loader.WriteAsync(information, await loader.ReadAsync(information) & ~Multiboot1Map),
            machine);

        // [0,0x9f000) and [1 MiB, 1 MiB + what the BIOS said): Linux's fake map.
        Lab.AssertGood(result);
        Lab.AssertSays(result, "BIOS-e801: 0000000000000000 - 000000000009f000 (usable)");
    }

    [Fact]
    public async Task AMapWhoseEntriesHaveNoSizeDoesNotLoop()
    {
        BootResult result = await LieAsync(Lab.AnyVariant, BootMedium.Kernel, BootProtocol.Multiboot1, async (loader, information) =>
            await loader.WriteAsync(await loader.ReadAsync(information + 48), 0));

        AssertClearEnd(result);
    }

    [Theory]
    [InlineData(0xffffffffu)]
    [InlineData(1u)]
    public async Task AMapOfAbsurdLengthEndsClearly(uint length)
    {
        BootResult result = await LieAsync(Lab.AnyVariant, BootMedium.Kernel, BootProtocol.Multiboot1, async (loader, information) =>
            await loader.WriteAsync(information + 44, length));

        AssertClearEnd(result);
    }

    // A 386 is a CPU whose flag AC cannot be changed. Expect the message when the check, at the kernel's first instructions, tries bit 1,
    // which no CPU changes.
    [Fact]
    public async Task ACpuWithoutTheFlagOfA486IsRefusedWithAMessage()
    {
        byte[] moveAcToEcx = [0xb9, 0x00, 0x00, 0x04, 0x00];
        BootResult result = await LieAsync(Lab.AnyVariant, BootMedium.Kernel, BootProtocol.Multiboot1, async (debugger, _) =>
        {
            uint start = EntryPoint((await Lab.BuiltAsync(Lab.AnyVariant)).Kernel);
            byte[] code = new byte[1024];
            for (uint i = 0; i < code.Length; i += 4)
            {
                uint word = await debugger.ReadAsync(start + i);
                BitConverter.TryWriteBytes(code.AsSpan((int)i), word);
            }

            int at = MemoryExtensions.IndexOf<byte>(code, moveAcToEcx);
            Assert.True(at >= 0, "the check is not where it was");
            await debugger.WriteAsync(start + (uint)at + 1, 1 << 1);
        });

        Assert.Equal(BootEnd.Stopped, result.End);
        Lab.AssertSays(result, "this CPU is too old: it is a 386. Needed is a 486 or later. System halted.");
        Assert.Equal(0, result.Log.Boots);
    }

    [Fact]
    public async Task AnUnknownLoaderIsRefusedWithAMessage()
    {
        BootResult result = await LieAsync(
            Lab.AnyVariant, BootMedium.Kernel, BootProtocol.Multiboot1, (loader, _) => loader.SetRegisterAsync(0, 0x12345678));

        // Before the boot line: the log has no more than this.
        Assert.Equal(BootEnd.Stopped, result.End);
        Lab.AssertSays(result, "Unknown boot loader: found eax=12345678");
    }

    // Either it boots with books that add up, or it says in a panic why not.
    private static void AssertClearEnd(BootResult result)
    {
        if (result.Log.Panic == null)
        {
            Lab.AssertGood(result);
        }
        else
        {
            Assert.True(result.GuestSucceeded == false);
            Assert.NotEqual("", result.Log.Panic["message"]);
        }
    }

    private static BootEntry Entry(string commandLine) => new(BootProtocol.Multiboot2, commandLine, null);

    // Stops the machine where the loader hands over and changes what it says: lie(debugger, address of the information).
    private static async Task<BootResult> LieAsync(
        string variant, BootMedium medium, BootProtocol protocol, Func<Debugger, uint, Task> lie, MachineOptions? options = null)
    {
        BuiltVariant built = await Lab.BuiltAsync(variant);
        using TemporaryFolder folder = new();
        string socket = folder.File("gdb");
        MachineOptions machine = (options ?? new MachineOptions()) with
        {
            Medium = medium,
            MoreArguments = ["-S", "-gdb", $"unix:{socket},server=on,wait=off"],
        };
        Task<BootResult> boot = Lab.BootAsync(variant, machine, new BootEntry(protocol, "", null));
        using Debugger debugger = new();
        await debugger.ConnectAsync(socket, boot);
        await debugger.RunToAsync(EntryPoint(built.Kernel));
        await lie(debugger, await debugger.RegisterAsync(3));
        await debugger.DetachAsync();
        return await boot;
    }

    private static uint EntryPoint(string elf)
    {
        byte[] head = File.ReadAllBytes(elf)[..28];
        return BitConverter.ToUInt32(head, 24);
    }
}
