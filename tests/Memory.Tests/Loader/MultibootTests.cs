using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Simulate;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Loader;

/// <summary>What the two loader protocols say, read from simulated memory; also when a loader says nonsense.</summary>
public sealed unsafe class MultibootTests : IDisposable
{
    private const uint Information = 0x9000;
    private readonly HostMachine _machine = new(1UL << 32);
    private readonly MachineFacts* _facts = (MachineFacts*)NativeMemory.AllocZeroed((nuint)sizeof(MachineFacts));

    public void Dispose()
    {
        NativeMemory.Free(_facts);
        _machine.Dispose();
    }

    [Fact]
    public void Multiboot1GivesMapModulesAndTexts()
    {
        Words(Information, 0x2 << 8 | 0x4d, 639, 65408, 0, 0xa000, 1, 0xb000);
        Words(Information + 44, 48, 0xc000);
        Words(Information + 64, 0xd000);
        Text(0xa000, "kernel.elf selftest");
        Text(0xd000, "test loader");
        Words(0xb000, 0x200000, 0x2ffff0, 0xe000, 0);
        Text(0xe000, "module");
        Words(0xc000, 20, 0, 0, 0x9fc00, 0, 1);
        Words(0xc000 + 24, 20, 0x100000, 0, 0x3f00000, 0, 1);

        Multiboot1.Read(&_machine.Memory->Physical, Information, _facts);

        Assert.Equal(2, _facts->MapCount);
        Assert.Equal((0x100000UL, 0x3f00000UL, 1u), (_facts->MapStart(1), _facts->MapSize(1), _facts->MapType(1)));
        Assert.Equal("kernel.elf selftest", Marshal.PtrToStringUTF8((nint)_facts->CommandLine()));
        Assert.Equal("test loader", Marshal.PtrToStringUTF8((nint)_facts->LoaderName()));
        Assert.Equal(65408UL, _facts->UpperKilobytes);
        Assert.Equal(
            "9000-9074 BOOT INFO, a000-a014 BOOT INFO, d000-d00c BOOT INFO, b000-b010 BOOT INFO, "
                + "200000-2ffff0 RAMDISK, e000-e007 BOOT INFO, c000-c030 BOOT INFO",
            Ranges());
    }

    // More modules than ranges, side by side as a loader puts them. Expect each to lie in a range, joined with others, and none to be
    // dropped; those past the 256 that are looked at are counted.
    [Theory]
    [InlineData(200, 0)]
    [InlineData(300, 44)]
    public void ManyModulesAreKept(int modules, int dropped)
    {
        uint[] words = new uint[modules * 4];
        for (uint i = 0; i < modules; i++)
        {
            words[i * 4] = 0x100000 + (i * 0x1000);
            words[(i * 4) + 1] = words[i * 4] + 0x800;
        }

        Words(Information, 0x8, 0, 0, 0, 0, (uint)modules, 0x10000);
        Words(0x10000, words);
        Multiboot1.Read(&_machine.Memory->Physical, Information, _facts);

        for (ulong i = 0; i < (ulong)(modules - dropped); i++)
        {
            ulong start = 0x100000 + (i * 0x1000);
            Assert.Contains(
                Enumerable.Range(0, _facts->RangeCount), r => _facts->Range(r)->Start <= start && start + 0x800 <= _facts->Range(r)->End);
        }

        Assert.Equal(dropped, _facts->RangeDropped);
    }

    [Fact]
    public void Multiboot2GivesMapModulesAndTexts()
    {
        uint at = Information + 8;
        at = Tag(at, 1, Encoding.ASCII.GetBytes("debug mem=64M\0"));
        at = Tag(at, 2, Encoding.ASCII.GetBytes("test loader\0"));
        at = Tag(at, 3, [.. Bytes(0x200000, 0x300000), .. Encoding.ASCII.GetBytes("module\0")]);
        at = Tag(at, 4, Bytes(639, 65408));
        at = Tag(at, 6, [.. Bytes(24, 0), .. Bytes(0, 0, 0x9fc00, 0, 1, 0), .. Bytes(0, 1, 0, 2, 1, 0)]);
        at = Tag(at, 0, []);
        Words(Information, at - Information, 0);

        Multiboot2.Read(&_machine.Memory->Physical, Information, _facts);

        Assert.Equal(2, _facts->MapCount);
        Assert.Equal((1UL << 32, 2UL << 32, 1u), (_facts->MapStart(1), _facts->MapSize(1), _facts->MapType(1)));
        Assert.Equal("debug mem=64M", Marshal.PtrToStringUTF8((nint)_facts->CommandLine()));
        Assert.Equal("test loader", Marshal.PtrToStringUTF8((nint)_facts->LoaderName()));
        Assert.Equal($"9000-{at:x} BOOT INFO, 200000-300000 RAMDISK", Ranges());
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(7u)]
    [InlineData(0xffffffffu)]
    public void AWildMultiboot2TagEndsTheReading(uint size)
    {
        Words(Information, 0x1000, 0, 6, size, 24, 0);
        Multiboot2.Read(&_machine.Memory->Physical, Information, _facts);
        Assert.Equal(0, _facts->MapCount);
    }

    [Fact]
    public void AMultiboot1MapThatStandsStillEndsTheReading()
    {
        Words(Information, 0x40);
        Words(Information + 44, 0xffffffff, 0xc000);
        Words(0xc000, 0, 0x100000, 0, 0x100000, 0, 1);
        Multiboot1.Read(&_machine.Memory->Physical, Information, _facts);
        Assert.Equal(1, _facts->MapCount);
    }

    [Fact]
    public void MoreThan128EntriesAreCountedAndSaid()
    {
        Words(Information, 0x40);
        Words(Information + 44, 24 * 200, 0xc000);
        for (uint i = 0; i < 200; i++)
        {
            Words(0xc000 + (24 * i), 20, 0x100000 + (i << 20), 0, 0x1000, 0, 1);
        }

        Multiboot1.Read(&_machine.Memory->Physical, Information, _facts);
        Assert.Equal((128, 72), (_facts->MapCount, _facts->MapDropped));
    }

    // Expect a refusal that says what was found, what was needed and what to do.
    [Fact]
    public void NoMemoryMapIsRefusedInWords()
    {
        using Simulation simulation = Simulation.Run("nobootmem", new FirmwareMap(), new SimulationOptions());
        Assert.Equal(
            "No memory map: found neither e820 entries nor a size above 1 MiB from the boot loader, "
                + "needed one of them; boot with GRUB 2 or QEMU -kernel",
            simulation.Panic);
    }

    private static byte[] Bytes(params uint[] words) => MemoryMarshal.AsBytes(words.AsSpan()).ToArray();

    private uint Tag(uint at, uint type, byte[] data)
    {
        Words(at, type, (uint)(8 + data.Length));
        data.CopyTo(new Span<byte>(_machine.Memory->Physical.At(at + 8), data.Length));
        return at + ((uint)(8 + data.Length + 7) & ~7u);
    }

    private void Words(uint at, params uint[] words)
        => Bytes(words).CopyTo(new Span<byte>(_machine.Memory->Physical.At(at), words.Length * 4));

    private void Text(uint at, string text)
        => Encoding.ASCII.GetBytes(text + "\0").CopyTo(new Span<byte>(_machine.Memory->Physical.At(at), text.Length + 1));

    private string Ranges()
    {
        StringBuilder text = new();
        for (int i = 0; i < _facts->RangeCount; i++)
        {
            NamedRange* range = _facts->Range(i);
            text.Append(i == 0 ? "" : ", ").Append(
                $"{range->Start:x}-{range->End:x} {Marshal.PtrToStringUTF8((nint)NamedRange.Name(range))}");
        }

        return text.ToString();
    }
}
