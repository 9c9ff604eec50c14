using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>One of Cosmos's test kernels.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Sources">Its sources: patterns below Tests/Kernels, as an msbuild item takes them.</param>
internal sealed record Suite(string Name, params string[] Sources)
{
    private const string Compiler = "Cosmos.Compiler.Tests.";
    private const string Kernel = "Cosmos.Kernel.Tests.";

    /// <summary>QEMU's arguments for the devices that it tests.</summary>
    internal string[] Devices { get; private init; } = ["-nic", "none"];

    /// <summary>Somebody has to press Enter now and then.</summary>
    internal bool WaitsForKeys { get; private init; }

    /// <summary>
    /// All that can be built alone. Not SingleEchoTest: it uses what is internal to Cosmos.System2. Encryption and Interfaces assert
    /// nothing: they only have to come to their end.
    /// </summary>
    internal static IReadOnlyList<Suite> All { get; } =
    [
        // The codec of a sound card, and no sound.
        new("Audio", "AudioTests/**/*.cs") { Devices = ["-nic", "none", "-audiodev", "none,id=no", "-device", "AC97,audiodev=no"] },
        new("Bcl", Compiler + "Bcl/**/*.cs"),
        new("Bcl.System", Compiler + "Bcl.System/**/*.cs", Compiler + "Bcl/Helpers/*.cs"),
        new("Boxing", "BoxingTests/**/*.cs"),
        new("Console", "ConsoleTest/**/*.cs") { WaitsForKeys = true },
        new("DiskManager", Kernel + "DiskManager/**/*.cs"),
        new("Encryption", Compiler + "Encryption/**/*.cs"),
        new("Exceptions", Compiler + "Exceptions/**/*.cs"),
        new("Fat", Kernel + "Fat/**/*.cs"),
        new("Graphic", "GraphicTest/**/*.cs", Compiler + "Bcl/Helpers/*.cs"),
        new("Interfaces", Compiler + "Interfaces/**/*.cs"),
        new("IO", Kernel + "IO/**/*.cs"),
        new("MemoryOperations", "MemoryOperationsTest/**/*.cs"),
        new("Methods", Compiler + "MethodTests/**/*.cs"),

        // QEMU's own DHCP server; nothing leaves the emulator.
        new("Network", "NetworkTest/**/*.cs") { Devices = ["-nic", "user,model=e1000,restrict=on"] },
        new("Processor", "ProcessorTests/**/*.cs"),
        new("StructsAndArrays", "SimpleStructsAndArraysTest/**/*.cs"),
        new("TypeSystem", Compiler + "TypeSystem/**/*.cs"),
    ];

    /// <summary>The one with this name.</summary>
    internal static Suite Named(string name) => All.Single(s => s.Name == name);
}
