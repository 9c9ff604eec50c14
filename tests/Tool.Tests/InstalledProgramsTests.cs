using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>Finding programs, and installing them from Debian's packages: with programs of our own in the place of apt-get.</summary>
public sealed class InstalledProgramsTests : IDisposable
{
    private static readonly Need[] s_needs = [new("frobnicate", "frob-tools"), new("defrob", "frob-tools"), new("polish", "polish")];

    private readonly TemporaryTree _tree = new();
    private readonly List<string> _said = [];

    private string Bin => Path.Combine(_tree.Root, "bin");

    public void Dispose() => _tree.Dispose();

    [Fact]
    public void OnlyExecutableFilesAreFound()
    {
        _tree.Write("bin/polish", "");
        string defrob = _tree.WriteProgram("bin/defrob", "true");
        InstalledPrograms programs = new($"/nonexistent:{Bin}", false, _said.Add);

        Assert.Null(programs.Find("polish"));
        Assert.Equal(defrob, programs.Find("defrob"));
        Assert.Null(programs.Find(Path.Combine(_tree.Root, "no-such-file")));
        Assert.Equal(defrob, programs.Find(defrob));
    }

    [Fact]
    public void ALinkToNowhereIsNotThere()
    {
        // bochsbios brings a link to a file of the package vgabios.
        string target = Path.Combine(_tree.Root, "vgabios.bin");
        string link = Path.Combine(_tree.Root, "VGABIOS");
        File.CreateSymbolicLink(link, target);
        InstalledPrograms programs = new("", false, _said.Add);

        Assert.Null(programs.Find(link));
        File.WriteAllText(target, "");
        Assert.Equal(link, programs.Find(link));
    }

    [Fact]
    public void WhatIsMissingNamesEachPackageOnce()
    {
        InstalledPrograms programs = new("", false, _said.Add);

        Assert.Equal(3, programs.Missing(s_needs).Count);
        Assert.Equal("apt-get install --no-install-recommends frob-tools polish", InstalledPrograms.InstallLine(programs.Missing(s_needs)));
        Assert.Null(InstalledPrograms.InstallLine([]));
    }

    [Fact]
    public async Task WithInstallingForbiddenTheLineIsTheMessage()
    {
        AptGet("exit 1");
        InstalledPrograms programs = new(Bin, false, _said.Add);

        MissingToolException error = await Assert.ThrowsAsync<MissingToolException>(
            () => programs.ProvideAsync(s_needs, CancellationToken.None));

        Assert.Equal(ExitStatus.ToolMissing, error.ExitStatus);
        Assert.Contains("apt-get install --no-install-recommends frob-tools polish", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.False(File.Exists(Calls));
    }

    [Fact]
    public async Task WithoutAptGetTheLineIsTheMessage()
    {
        InstalledPrograms programs = new(Bin, true, _said.Add);

        await Assert.ThrowsAsync<MissingToolException>(() => programs.ProvideAsync(s_needs, CancellationToken.None));
    }

    [Fact]
    public async Task WhatIsMissingIsInstalledAfterAnUpdate()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, as apt-get does");
        _tree.WriteProgram("bin/polish", "true");
        AptGet($"case \"$*\" in *install*) cp '{Bin}/polish' '{Bin}/frobnicate'; cp '{Bin}/polish' '{Bin}/defrob';; esac");
        InstalledPrograms programs = new($"{Bin}:/usr/bin:/bin", true, _said.Add);

        await programs.ProvideAsync(s_needs, CancellationToken.None);

        string[] calls = File.ReadAllLines(Calls);
        Assert.Equal(2, calls.Length);
        Assert.EndsWith("update", calls[0], StringComparison.Ordinal);
        Assert.EndsWith("install -y --no-install-recommends frob-tools", calls[1], StringComparison.Ordinal);
        Assert.Equal(["installing frob-tools"], _said);
    }

    [Fact]
    public async Task AnInstallationThatFailsSaysWhy()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, as apt-get does");
        AptGet("echo 'E: no network' >&2; exit 100");
        InstalledPrograms programs = new($"{Bin}:/usr/bin:/bin", true, _said.Add);

        MissingToolException error = await Assert.ThrowsAsync<MissingToolException>(
            () => programs.ProvideAsync(s_needs, CancellationToken.None));

        Assert.Contains("E: no network", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnInstallationThatBringsNothingIsNotBelieved()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, as apt-get does");
        AptGet("exit 0");
        InstalledPrograms programs = new($"{Bin}:/usr/bin:/bin", true, _said.Add);

        await Assert.ThrowsAsync<MissingToolException>(() => programs.ProvideAsync(s_needs, CancellationToken.None));
    }

    [Fact]
    public async Task NothingIsRunWhenAllIsThere()
    {
        AptGet("exit 1");
        foreach (Need need in s_needs)
        {
            _tree.WriteProgram("bin/" + need.What, "true");
        }

        await new InstalledPrograms(Bin, true, _said.Add).ProvideAsync(s_needs, CancellationToken.None);

        Assert.False(File.Exists(Calls));
        Assert.Empty(_said);
    }

    private string Calls => Path.Combine(_tree.Root, "calls");

    private void AptGet(string body) => _tree.WriteProgram("bin/apt-get", $"echo \"$*\" >> '{Calls}'\n{body}");
}
