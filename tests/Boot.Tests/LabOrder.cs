using System;
using System.Collections.Generic;
using System.Linq;
using CosmosBootAlloc.Tool.Build;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(CosmosBootAlloc.Boot.Tests.LabOrder))]

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// The order in which the classes begin: those with the longest tests first, so that no processor waits for one at the end; those that need
/// a Cosmos kernel last. Such a kernel takes IL2CPU most of a minute, so all of them are built behind the others' boots.
/// </summary>
public sealed class LabOrder : ITestCollectionOrderer
{
    private const string Cosmos = ".Tests.Cosmos.";

    // They build in trees of their own, and need no kernel of the lab's.
    private static readonly string[] s_longest =
    [
        nameof(Tests.Cosmos.PackageTests), nameof(Tests.Cosmos.CosmosBuildTests), nameof(CleanTreeTests),
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection
    {
        if (testCollections.Any(c => Rank(c) == s_longest.Length + 1) && CosmosKit.Find() != null)
        {
            Lab.BuildAhead(Tests.Cosmos.CosmosLab.Variants.Select(v => v.Name), Toolchain.Cosmos);
        }

        return [.. testCollections.OrderBy(c => Rank(c)).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];
    }

    private static int Rank<T>(T collection)
        where T : ITestCollection
    {
        int longest = Array.FindIndex(
            s_longest, n => collection.TestCollectionDisplayName.Contains($".{n} ", StringComparison.Ordinal));
        return longest >= 0 ? longest
            : collection.TestCollectionDisplayName.Contains(Cosmos, StringComparison.Ordinal) ? s_longest.Length + 1
            : s_longest.Length;
    }
}
