using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Testing;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc test</c>: every test; the last line is the total.</summary>
public static class TestCommand
{
    /// <summary>What the tests of the floppy need, to see its files as others do.</summary>
    public static IReadOnlyList<Need> FloppyReaders { get; } =
    [
        new("/usr/sbin/fsck.fat", "dosfstools", null),
        new("mcopy", "mtools"),
    ];

    /// <summary>dnsmasq, whose folder is not on everybody's PATH.</summary>
    public const string Dnsmasq = "/usr/sbin/dnsmasq";

    /// <summary>
    /// What the tests of the network boot need besides QEMU, whose package brings iPXE: to check what the note tells, and to do it.
    /// </summary>
    public static IReadOnlyList<Need> NetbootWitnesses { get; } =
    [
        new(Dnsmasq, "dnsmasq-base"),
        new("/usr/lib/PXELINUX/pxelinux.0", "pxelinux", null),
        new("/usr/lib/syslinux/modules/bios/ldlinux.c32", "syslinux-common", null),
        new("/usr/lib/syslinux/modules/bios/libcom32.c32", "syslinux-common", null),
        new("/usr/lib/syslinux/modules/bios/mboot.c32", "syslinux-common", null),
    ];

    /// <summary>What the tests of the virtual disk need, to see it as others do.</summary>
    public static IReadOnlyList<Need> DiskReaders { get; } = [new("qemu-img", "qemu-utils")];

    /// <summary>What runs programs for i386 where the host's kernel does not, for the tests of the lowering.</summary>
    public static Need I386 { get; } = new("qemu-i386", "qemu-user");

    /// <summary>All that tests need besides what the program itself does.</summary>
    public static IReadOnlyList<(string Test, IReadOnlyList<Need> Needs)> Witnesses { get; } =
        [("floppy test", FloppyReaders), ("netboot test", NetbootWitnesses), ("vmdk test", DiskReaders), ("lowering test", [I386])];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> names = new("project")
        {
            Description = "Only these test projects, such as Tool.Tests.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> filter = new("--filter")
        {
            Description = "Only tests that match, in the syntax of 'dotnet test'.",
            HelpName = "expression",
        };
        Option<string?> cosmos = SharedOptions.Cosmos();
        Option<string?> sources = SharedOptions.CosmosSources();
        Command command = new("test", "Run every test; the last line is 'N passed, N failed'.") { names, filter, cosmos, sources };
        command.SetAction((parsed, cancel) => RunAsync(new Workplace(), parsed.GetValue(names) ?? [], parsed.GetValue(filter), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Workplace place, string[] names, string? filter, CancellationToken cancel)
    {
        TestRun run = new(place.Project, place.Output);
        run.Find(names);
        CosmosSources.Find(CosmosKit.Find());
        try
        {
            IEnumerable<Need> emulators = EmulatorList.All.SelectMany(e => e.Needs);
            await place.Programs.ProvideAsync(
                [.. Toolchain.All[0].Needs, .. CombinedImages.Needs, .. Witnesses.SelectMany(w => w.Needs), .. emulators], cancel);
        }
        catch (MissingToolException error)
        {
            place.Output.Progress($"tests that need a missing program are skipped: {error.Message}");
        }

        TestTotals totals = await run.RunAsync(names, filter, cancel);
        place.Output.Line(totals.ToString());
        return totals.Good ? ExitStatus.Done : ExitStatus.Failed;
    }
}
