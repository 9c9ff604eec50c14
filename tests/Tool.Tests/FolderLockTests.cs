using System;
using System.Globalization;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>One builder at a time, and an end where there can be none.</summary>
public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryTree _tree = new();

    public void Dispose() => _tree.Dispose();

    // Expect the second to wait, to name the process it waits for, and to get the lock when the first releases it.
    [Fact]
    public async Task TheSecondWaitsForTheFirstAndNamesIt()
    {
        string file = Path.Combine(_tree.Root, "out", "build.lock");
        TaskCompletionSource<string> said = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FolderLock first = await FolderLock.TakeAsync(file, CancellationToken.None);
        Task<FolderLock> second = FolderLock.TakeAsync(file, CancellationToken.None, said.SetResult);

        string expected = string.Create(CultureInfo.InvariantCulture, $"waiting for another build (pid {Environment.ProcessId})");
        Assert.Equal(expected, await said.Task);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    // Expect a folder that cannot be written to be named at once, with exit status 1: a file stands in its place.
    [Fact]
    public async Task WhereNothingCanBeWrittenItFails()
    {
        string file = Path.Combine(_tree.Write("out", ""), "build.lock");

        FailedException error = await Assert.ThrowsAsync<FailedException>(() => FolderLock.TakeAsync(file, CancellationToken.None));

        Assert.StartsWith($"{file}: cannot be written: ", error.Message, StringComparison.Ordinal);
        Assert.Equal(ExitStatus.Failed, error.ExitStatus);
    }

    // Expect the same when the lock file itself cannot be opened.
    [Fact]
    public async Task AFolderInThePlaceOfTheLockFileFails()
    {
        string file = Directory.CreateDirectory(Path.Combine(_tree.Root, "build.lock")).FullName;

        await Assert.ThrowsAsync<FailedException>(() => FolderLock.TakeAsync(file, CancellationToken.None));
    }
}
