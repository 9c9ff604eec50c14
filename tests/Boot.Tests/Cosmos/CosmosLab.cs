using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests.Cosmos;

/// <summary>
/// What boot tests of toolchain cosmos share: the image as Cosmos's build made it, chosen from its menu. Without a kit they are skipped.
/// </summary>
internal static class CosmosLab
{
    /// <summary>The baseline.</summary>
    internal const string Stock = "stock";

    /// <summary>A command that the shell answers in a few lines.</summary>
    internal const string PlainCommand = "config";

    private static readonly ConcurrentDictionary<(string Variant, string Machine), Lazy<Task<BootResult>>> s_plain = new();

    /// <summary>Every variant, the baseline among them.</summary>
    internal static IReadOnlyList<Variant> Variants { get; } = Variant.All(Lab.Project, Toolchain.Cosmos);

    /// <summary>For theories over all of them.</summary>
    public static IEnumerable<TheoryDataRow<string>> VariantNames() => Variants.Select(v => new TheoryDataRow<string>(v.Name));

    /// <summary>For theories over those with our chain.</summary>
    public static IEnumerable<TheoryDataRow<string>> ChainNames()
        => Variants.Where(v => v.Name != Stock).Select(v => new TheoryDataRow<string>(v.Name));

    /// <summary>Boots the first line of the released image's menu and takes it through shell commands to its end.</summary>
    internal static async Task<BootResult> BootAsync(string variant, MachineOptions machine, params string[] commands)
        => await BootAsync(variant, machine, 0, r => r with { Commands = commands });

    /// <summary>
    /// A boot of the menu's first line with <see cref="PlainCommand"/>, once for each machine, for what only reads its log.
    /// </summary>
    internal static Task<BootResult> BootPlainAsync(string variant, MachineOptions machine)
        => s_plain.GetOrAdd(
            (variant, machine.ToString()),
            _ => new Lazy<Task<BootResult>>(() => BootAsync(variant, machine, PlainCommand))).Value;

    /// <summary>The same for any line of the menu, from 0.</summary>
    internal static async Task<BootResult> BootAsync(
        string variant, MachineOptions machine, int line, Func<BootRequest, BootRequest> change)
    {
        BuiltVariant built = await Lab.BuiltAsync(variant, Toolchain.Cosmos);
        BootRequest request = new()
        {
            Machine = machine,
            Source = new BootSource(built.Iso),
            LogFile = Lab.NewFile($"-{variant}-cosmos.log"),

            // Where keys cannot be pressed, as in Bochs, the menu times out.
            MenuKeys = machine.Emulator.Can.Keys ? MenuKeys.Choose(line) : null,
        };
        return await Lab.RunAsync(request, change);
    }

    /// <summary>A machine in QEMU.</summary>
    internal static MachineOptions Qemu(string memory) => new() { MemoryBytes = MemorySize.Parse(memory) };
}
