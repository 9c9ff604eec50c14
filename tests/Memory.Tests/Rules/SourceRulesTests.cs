using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tests.Shared;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>The tree's sources keep to their sizes; and the check can tell.</summary>
public sealed class SourceRulesTests
{
    // Expect every source of the repository to keep the rules.
    [Fact]
    public void TheSourcesKeepTheirSizes()
    {
        List<string> faults = SourceRules.CheckSizes(SourceRules.Root());
        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    [Fact]
    public void EachRuleFindsWhatBreaksIt()
    {
        string root = Directory.CreateTempSubdirectory("bootalloc-rules-").FullName;
        try
        {
            Write("Plugs/Long.cs", new string('/', SourceRules.Columns + 1));
            Write("Plugs/Right.cs", new string('/', SourceRules.Columns));
            Write("CosmosKernel/Condition.cs", "    #if DEBUG");
            Write("tests/Condition.cs", "#if DEBUG");
            Write("iso/Tall.cs", [.. Enumerable.Repeat("", SourceRules.FileLines + 1)]);
            Write("iso/A.cs", ["public sealed partial class Wide", .. Enumerable.Repeat("", 350)]);
            Write("iso/B.cs", ["public sealed partial class Wide", .. Enumerable.Repeat("", 350)]);
            Write("iso/obj/Generated.cs", new string('/', 1000));
            Assert.Equal(
                [
                    "CosmosKernel/Condition.cs:1: conditional compilation",
                    "Plugs/Long.cs:1: 141 columns, at most 140 are allowed",
                    "iso/Tall.cs: 401 lines, at most 400 are allowed",
                    "iso: Wide: 702 lines in its files, at most 700 are allowed",
                ],
                SourceRules.CheckSizes(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }

        void Write(string file, params string[] lines)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file))!);
            File.WriteAllLines(Path.Combine(root, file), lines);
        }
    }

    [Fact]
    public void ANamespaceThatIsNotItsFolderIsFound()
    {
        string root = Directory.CreateTempSubdirectory("bootalloc-rules-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "Room"));
            File.WriteAllText(Path.Combine(root, "Room", "Right.cs"), "namespace House.Room;\n");
            File.WriteAllText(Path.Combine(root, "Room", "Wrong.cs"), "namespace House.Other;\n");
            Assert.Equal(["Room/Wrong.cs: namespace House.Other, expected House.Room"], SourceRules.CheckNamespaces(root, "House"));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
