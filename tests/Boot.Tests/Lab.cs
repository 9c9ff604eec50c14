using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>What every boot test shares: the built variants, the emulators, a place for logs.</summary>
internal static class Lab
{
    /// <summary>Bytes of the boot module that tests hand over; no whole number of pages.</summary>
    internal const int ModuleBytes = 123_457;

    private const int LinesShown = 40;

    // Only ends a boot that hangs: what a busy host makes of a second is not for a test to say.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    private static readonly ConcurrentDictionary<(string Variant, Toolchain Toolchain), Lazy<Task<BuiltVariant>>> s_built = new();
    private static readonly Lazy<Task<BuiltImages>> s_combined = new(CombineAsync);
    private static readonly Lazy<string> s_module = new(MakeModule);
    private static int s_boots;

    internal static ProjectFolder Project { get; } = ProjectFolder.Find();

    internal static InstalledPrograms Programs { get; } = InstalledPrograms.FromEnvironment(_ => { });

    /// <summary>Every variant that the embedded toolchain builds.</summary>
    internal static IReadOnlyList<Variant> Variants { get; } = Variant.All(Project, Toolchain.NativeAot);

    /// <summary>For theories over all variants.</summary>
    public static IEnumerable<TheoryDataRow<string>> VariantNames() => Variants.Select(v => new TheoryDataRow<string>(v.Name));

    /// <summary>One variant, for what does not depend on the chain.</summary>
    internal static string AnyVariant => Variants.FirstOrDefault(v => v.Name == "nobootmem")?.Name ?? Variants[0].Name;

    /// <summary>A file to hand over as a boot module.</summary>
    internal static string Module => s_module.Value;

    /// <summary>A new file name for a log or a screen, in a folder that is there.</summary>
    internal static string NewFile(string ending)
        => Path.Combine(
            Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "logs")).FullName,
            $"{Interlocked.Increment(ref s_boots):000}{ending}");

    /// <summary>The name of a folder beside them that is not there; what an earlier run left under it is deleted.</summary>
    internal static string NewFolder(string ending)
    {
        string folder = NewFile(ending);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        return folder;
    }

    /// <summary>The variant, built once a run. Skips the test when a tool, or the Cosmos kit, is missing and cannot be had.</summary>
    internal static async Task<BuiltVariant> BuiltAsync(string name, Toolchain? toolchain = null)
    {
        try
        {
            return await BuildOnceAsync(name, toolchain ?? Toolchain.NativeAot);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    /// <summary>Begins to build variants, one after the other. What goes wrong is for the tests that need them.</summary>
    internal static void BuildAhead(IEnumerable<string> names, Toolchain toolchain) => _ = Task.Run(async () =>
    {
        foreach (string name in names)
        {
            await ((Task)BuildOnceAsync(name, toolchain)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    });

    /// <summary>The images with every variant, built once a run. Skips the test as <see cref="BuiltAsync"/> does.</summary>
    internal static async Task<BuiltImages> CombinedAsync()
    {
        try
        {
            return await s_combined.Value;
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    /// <summary>Boots a variant at once and takes it through the request's shell commands to its end.</summary>
    /// <param name="change">Changes the request before it is run.</param>
    internal static async Task<BootResult> BootAsync(
        string variant, MachineOptions machine, BootEntry entry, Func<BootRequest, BootRequest>? change = null)
    {
        BuiltVariant built = await BuiltAsync(variant);
        using TemporaryFolder work = new();
        BootSource source = await BootSource.MakeAsync(Programs, machine.Medium, built.Kernel, entry, work, CancellationToken.None);
        return await RunAsync(new BootRequest { Machine = machine, Source = source, LogFile = NewFile($"-{variant}.log") }, change);
    }

    /// <summary>
    /// Boots a variant on the usual machine with a kernel command line and shell commands. QEMU loads the kernel itself, which takes a
    /// quarter of the time that a CD and GRUB take: for what does not depend on them.
    /// </summary>
    internal static Task<BootResult> BootAsync(string variant, string commandLine, params string[] commands)
        => BootAsync(
            variant,
            new MachineOptions { Medium = BootMedium.Kernel },
            new BootEntry(BootProtocol.Multiboot1, commandLine, null),
            r => r with { Commands = commands });

    /// <summary>Boots the released image by a line of its menu, from 0; null lets the menu run out.</summary>
    internal static async Task<BootResult> BootMenuAsync(string variant, int? line, Func<BootRequest, BootRequest>? change = null)
    {
        BuiltVariant built = await BuiltAsync(variant);
        BootRequest request = new()
        {
            Machine = new MachineOptions(),
            Source = new BootSource(built.Iso),
            LogFile = NewFile($"-{variant}.log"),
            MenuKeys = line is { } number ? MenuKeys.Choose(number) : null,
        };
        return await RunAsync(request, change);
    }

    /// <summary>Runs a request; skips the test when the emulator is missing and cannot be had.</summary>
    internal static async Task<BootResult> RunAsync(BootRequest request, Func<BootRequest, BootRequest>? change = null)
    {
        try
        {
            BootRequest changed = (change == null ? request : change(request)) with { TimeLimit = s_limit };
            return await new BootSession(Programs).RunAsync(changed, CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    /// <summary>The boot ended as it should, and its log says that all is well.</summary>
    internal static void AssertGood(BootResult result)
    {
        IReadOnlyList<string> problems = result.Problems();
        Assert.True(
            problems.Count == 0 && result.End == BootEnd.PoweredOff, $"{string.Join("; ", problems)} (ended: {result.End}){Show(result)}");
    }

    /// <summary>The kernel panicked with these words, and said so in its log's own form too.</summary>
    internal static void AssertPanic(BootResult result, string words)
    {
        Assert.True(result.Log.Panic != null, $"no panic (ended: {result.End}){Show(result)}");
        Assert.Contains(words, result.Log.Panic!["message"], StringComparison.Ordinal);
        Assert.True(result.GuestSucceeded == false, $"the emulator's exit status does not say that the kernel failed{Show(result)}");
    }

    /// <summary>The log holds a line with these words.</summary>
    internal static void AssertSays(BootResult result, string words)
        => Assert.True(result.Text.Contains(words, StringComparison.Ordinal), $"the log does not say '{words}'{Show(result)}");

    /// <summary>What the shell printed for a command.</summary>
    internal static string Answer(BootResult result, string command)
    {
        string start = $"bootalloc> {command}\n";
        int at = result.Text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{command}' is not in the log{Show(result)}");
        at += start.Length;
        int end = result.Text.IndexOf("bootalloc> ", at, StringComparison.Ordinal);
        return end < 0 ? result.Text[at..] : result.Text[at..end];
    }

    private static Task<BuiltVariant> BuildOnceAsync(string name, Toolchain toolchain)
        => s_built.GetOrAdd(
            (name, toolchain), key => new Lazy<Task<BuiltVariant>>(() => BuildAsync(key.Variant, key.Toolchain))).Value;

    private static Task<BuiltVariant> BuildAsync(string name, Toolchain toolchain)
        => new VariantBuild(Project, Programs).BuildAsync(Variant.Named(Project, name, toolchain), toolchain, CancellationToken.None);

    private static async Task<BuiltImages> CombineAsync()
    {
        List<BuiltVariant> variants = [];
        foreach (Variant variant in Variants)
        {
            variants.Add(await BuiltAsync(variant.Name));
        }

        return await new CombinedImages(Project, Programs).UpdateAsync(variants, CancellationToken.None);
    }

    private static string Show(BootResult result)
        => $"\nlog {result.LogFile}, its end:\n{string.Join('\n', result.Text.Split('\n').TakeLast(LinesShown))}\n{result.Messages}";

    private static string MakeModule()
    {
        string file = Path.Combine(AppContext.BaseDirectory, "module.bin");
        byte[] bytes = new byte[ModuleBytes];
        new Random(1).NextBytes(bytes);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
