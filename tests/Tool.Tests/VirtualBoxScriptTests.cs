using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>
/// The script that makes a machine in VirtualBox, run with a VBoxManage of our own: one that knows exactly the options that the table has
/// for a version, and refuses any other.
/// </summary>
public sealed class VirtualBoxScriptTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    public static IEnumerable<TheoryDataRow<string>> Versions()
        => MachineFilesTests.Table("vboxmanage.tsv", 6).Select(r => r[0]).Distinct().Select(v => new TheoryDataRow<string>(v));

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task ItUsesOptionsOfEachVersion(string version)
    {
        string script = await MakeAsync(version);

        ChildResult result = await RunAsync(script);

        Assert.True(result.ExitStatus == 0, result.LastLine);
        string[][] calls = Calls();
        Assert.Equal(["createvm", "modifyvm", "storagectl", "storageattach"], calls.Select(c => c[0]));
        foreach (string[] call in calls)
        {
            AssertDocumented(version, call);
        }

        Assert.Contains(Path.Combine(Folder, "bootalloc-some.virtualbox.log"), calls[1]);
        Assert.Contains(Path.Combine(Folder, "bootalloc-some.iso"), calls[3]);
        Assert.Contains("VBoxManage startvm 'CosmosBootAlloc some'", result.Output, StringComparison.Ordinal);
    }

    // Expect no half of a machine, and the status of what failed.
    [Fact]
    public async Task WhatFailsLeavesNoMachine()
    {
        string script = await MakeAsync("7.0.14r161095", "case $1 in storagectl) echo 'no such controller' >&2; exit 1 ;; esac");

        ChildResult result = await RunAsync(script);

        Assert.NotEqual(0, result.ExitStatus);
        Assert.Equal(["unregistervm", "CosmosBootAlloc some", "--delete"], Calls()[^1]);
    }

    [Theory]
    [InlineData("", "exit 0", 1, "the machine exists; VBoxManage unregistervm 'CosmosBootAlloc some' --delete removes it")]
    [InlineData("3.2.12r68302", "exit 1", 3, "expected VirtualBox 4.0 or later, found 3.2")]
    [InlineData("", "exit 1", 3, "VBoxManage --version: expected a version such as 7.0.14, found none")]
    public async Task WhatCannotBeIsRefused(string version, string showvminfo, int status, string message)
    {
        string script = await MakeAsync(version, "case $1 in showvminfo) " + showvminfo + " ;; esac");

        ChildResult result = await RunAsync(script);

        Assert.Equal(status, result.ExitStatus);
        Assert.EndsWith(message, result.LastLine, StringComparison.Ordinal);
        Assert.Empty(Calls());
    }

    [Fact]
    public async Task WithoutVBoxManageOrImageItSaysSo()
    {
        string script = await MakeAsync("7.0.14r161095");
        File.Delete(Path.Combine(Folder, "bootalloc-some.iso"));
        ChildResult image = await RunAsync(script);
        Assert.Equal(2, image.ExitStatus);
        Assert.EndsWith("is missing: './bootalloc build' makes it", image.LastLine, StringComparison.Ordinal);

        File.Delete(Path.Combine(_tree.Root, "bin", "VBoxManage"));
        ChildResult program = await RunAsync(script);
        Assert.Equal(3, program.ExitStatus);
        Assert.EndsWith("install VirtualBox, or put its folder on the PATH", program.LastLine, StringComparison.Ordinal);
    }

    private string Folder => Path.Combine(_tree.Root, "out");

    private string Record => Path.Combine(_tree.Root, "calls");

    // The script beside an image; and a VBoxManage that writes down its calls, one word a line and an empty line behind each.
    private async Task<string> MakeAsync(string version, string first = "")
    {
        string[] known = [.. MachineFilesTests.Table("vboxmanage.tsv", 6).Where(r => r[0] == version).Select(r => $"{r[1]}{r[2]}")];
        string[] needed =
            [.. MachineFilesTests.Table("vboxmanage.tsv", 6).Where(r => r[0] == version && r[4] == "yes").Select(r => $"{r[1]}{r[2]}")];
        _tree.WriteProgram("bin/VBoxManage", $$"""
            {{first}}
            case $1 in
            --version) echo 'WARNING: The vboxdrv kernel module is not loaded.'; echo '{{version}}'; exit ;;
            showvminfo) exit 1 ;;
            esac
            { printf '%s\n' "$@"; echo; } >>'{{Record}}'
            given=' '
            for word in "$@"; do
                case $word in
                --*) given="$given$1$word " ;;
                esac
            done
            [ "$1" != unregistervm ] || exit 0
            for word in $given; do
                case ' {{string.Join(' ', known)}} ' in
                *" $word "*) ;;
                *) echo "unknown option $word" >&2; exit 2 ;;
                esac
            done
            for word in {{string.Join(' ', needed)}}; do
                case $word in
                "$1"--*) ;;
                *) continue ;;
                esac
                case $given in
                *" $word "*) ;;
                *) echo "missing option $word" >&2; exit 2 ;;
                esac
            done
            """);
        string image = _tree.Write("out/bootalloc-some.iso", "");
        await MachineFiles.UpdateAsync(ProjectFolder.Find(), image, "some", CancellationToken.None);
        string script = Path.ChangeExtension(image, ".virtualbox.sh");
        OwnProcesses.MakeRunnable(script);
        return script;
    }

    private Task<ChildResult> RunAsync(string script)
        => ChildProcess.RunAsync(
            script, [], TimeSpan.FromMinutes(10), CancellationToken.None,
            new Dictionary<string, string> { ["PATH"] = $"{Path.Combine(_tree.Root, "bin")}:/usr/bin:/bin" });

    private string[][] Calls()
        => !File.Exists(Record) ? []
            : [.. File.ReadAllText(Record).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(c => c.Split('\n'))];

    // Behind the command, and the machine's name where it has one: options with the values that the table allows.
    private static void AssertDocumented(string version, string[] call)
    {
        List<(string Option, string Value)> options = [];
        foreach (string word in call.Skip(call[0] == "createvm" ? 1 : 2))
        {
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                options.Add((word, ""));
            }
            else
            {
                options[^1] = (options[^1].Option, $"{options[^1].Value} {word}".Trim());
            }
        }

        foreach ((string option, string value) in options)
        {
            string[] row = Assert.Single(
                MachineFilesTests.Table("vboxmanage.tsv", 6), r => r[0] == version && r[1] == call[0] && r[2] == option);
            Assert.True(MachineFilesTests.Matches(value, row[3]), $"{call[0]} {option}: '{value}' is not {row[3]}");
        }
    }
}
