using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Scenarios;
using CosmosBootAlloc.Tool.Errors;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>The recorded history of 2.6.34, for real: every scenario that can be booted, in every variant.</summary>
public sealed class ScenarioBootTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Rows()
        => from file in ScenarioCommand.Files(Lab.Project)
           where Scenario.Load(file).Boot != null
           from variant in Lab.Variants
           select new TheoryDataRow<string, string>(Path.GetFileNameWithoutExtension(file), variant.Name);

    // Expect the boot to do what the scenario says.
    [Theory]
    [MemberData(nameof(Rows))]
    public async Task DoesAsExpected(string name, string variant)
    {
        Scenario scenario = Scenario.Load(Lab.Project.At("iso", "scenarios", name + Scenario.Extension));
        try
        {
            ScenarioResult result = await ScenarioRun.BootAsync(
                Lab.Programs, scenario, await Lab.BuiltAsync(variant), Lab.NewFile($"-{name}-{variant}.log"), CancellationToken.None);

            Assert.Empty(result.Missed);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }
    }
}
