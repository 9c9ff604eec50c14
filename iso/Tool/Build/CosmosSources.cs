using System;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// Cosmos's repository beside the kit: its own test kernels are built from it, untouched. It is only found and read; nothing of it is in
/// this project.
/// </summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Commit">The first eight digits of the commit that is checked out; null where that cannot be told.</param>
public sealed record CosmosSources(string Folder, string? Commit)
{
    /// <summary>The environment variable that names the folder; <c>--cosmos-sources</c> sets it.</summary>
    public const string Variable = "CosmosSources";

    /// <summary>One line for users who do not have them.</summary>
    public const string HowToGet =
        "Cosmos's sources are not named: './bootalloc test Cosmos.Suites --cosmos-sources DIR', where DIR is the repository that the kit "
        + "was built from";

    private const string Option = "--cosmos-sources";
    private const int ShownDigits = 8;

    private static readonly string[] s_parts = ["Tests/Kernels", "Tests/Cosmos.TestRunner.TestController"];

    /// <summary>The test kernels, one folder each.</summary>
    public string Kernels => Path.Combine(Folder, "Tests", "Kernels");

    /// <summary>What a test kernel reports its assertions with.</summary>
    public string TestController => Path.Combine(Folder, "Tests", "Cosmos.TestRunner.TestController");

    /// <summary>The disk that Cosmos's own test runner attaches.</summary>
    public string Disk => Path.Combine(Folder, "Build", "VMWare", "Workstation", "FilesystemTest.vmdk");

    /// <summary>The folder that the environment names; null when it names none.</summary>
    /// <exception cref="BadInputException">It is not what it should be.</exception>
    public static CosmosSources? Find(CosmosKit? kit)
        => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Open(folder, kit) : null;

    /// <summary>Looks at a folder.</summary>
    /// <param name="folder">The repository's root.</param>
    /// <param name="kit">The kit that its kernels are to be built with; null for none.</param>
    /// <exception cref="BadInputException">It is missing, something else, or not what the kit was built from.</exception>
    public static CosmosSources Open(string folder, CosmosKit? kit)
    {
        string full = Path.GetFullPath(folder);
        if (!Directory.Exists(full))
        {
            throw new BadInputException($"{Option} {folder}: no such folder; expected Cosmos's repository, from which the kit was built");
        }

        string[] lacks = [.. s_parts.Where(p => !Directory.Exists(Path.Combine(full, p)))];
        if (lacks.Length != 0)
        {
            string advice = s_parts.All(p => Directory.Exists(Path.Combine(full, "Cosmos", p)))
                ? $"it is in {Path.Combine(folder, "Cosmos")}"
                : "name the root of Cosmos's gen2 repository, as it was checked out for the kit";
            throw new BadInputException($"{Option} {folder}: not Cosmos's sources: found no {string.Join(" and no ", lacks)}; {advice}");
        }

        CosmosSources sources = new(full, CommitOf(Path.Combine(full, ".git")));
        string? needed = kit?.Commit("Cosmos.Core");
        return sources.Commit == null || needed == null || sources.Commit == needed
            ? sources
            : throw new BadInputException(
                $"{Option} {folder}: found Cosmos at {sources.Commit}, the kit {kit!.Folder} was built from {needed}; "
                + $"check out {needed} there, or build the kit from it");
    }

    // What HEAD names, without git: a commit, or a branch whose commit is in a file of its own or in packed-refs.
    private static string? CommitOf(string git)
    {
        string? head = FirstLine(Path.Combine(git, "HEAD"));
        if (head != null && head.StartsWith("ref: ", StringComparison.Ordinal))
        {
            string branch = head["ref: ".Length..];
            string packed = Path.Combine(git, "packed-refs");
            head = FirstLine(Path.Combine(git, branch))
                ?? (File.Exists(packed) ? File.ReadLines(packed).FirstOrDefault(l => l.EndsWith(' ' + branch)) : null);
        }

        return head is { Length: >= ShownDigits } && head[..ShownDigits].All(char.IsAsciiHexDigitLower) ? head[..ShownDigits] : null;
    }

    private static string? FirstLine(string file) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault() : null;
}
