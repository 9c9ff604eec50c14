using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using Xunit;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>
/// Cosmos's own tests, as Cosmos has them: on our heap as many assertions hold as on its own, or more. Each prints a row of the table.
/// </summary>
public sealed class SuiteTests(SuiteLab lab, ITestOutputHelper output) : IClassFixture<SuiteLab>
{
    /// <summary>The suites.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names() => Suite.All.Select(s => new TheoryDataRow<string>(s.Name));

    // Expect no fewer assertions to hold on ours than on stock, and ours to come to its end if stock does.
    [Theory]
    [MemberData(nameof(Names))]
    public async Task OurHeapHoldsWhatCosmosHolds(string name)
    {
        await lab.NeedAsync();
        Suite suite = Suite.Named(name);
        (string? Iso, string Errors)[] built =
            await Task.WhenAll(lab.Build!.BuildAsync(suite, ours: false), lab.Build.BuildAsync(suite, ours: true));
        Assert.SkipWhen(built[0].Iso == null, $"{name} cannot be built with this kit: {built[0].Errors}");
        Assert.True(built[1].Iso != null, built[1].Errors);
        SuiteResult[] results =
            await Task.WhenAll(built.Select(b => SuiteMachine.RunAsync(lab.Programs, suite, b.Iso!, lab.Sources!.Disk)));
        SuiteResult stock = results[0], ours = results[1];
        string row = $"{name,-18} stock {stock.Assertions,4} {stock.End,-24} ours {ours.Assertions,4} {ours.End}";
        output.WriteLine(row.TrimEnd());
        Assert.True(
            ours.Assertions >= stock.Assertions && (ours.Completed || !stock.Completed),
            $"{row}\nthe last messages, stock:\n{stock.Messages}\nours:\n{ours.Messages}");
    }
}

/// <summary>What the suites share: kit, sources, programs, and the folder where they are built, gone afterwards.</summary>
public sealed class SuiteLab : IDisposable
{
    private readonly TemporaryFolder _work = new();

    internal CosmosSources? Sources { get; private set; }

    internal SuiteBuild? Build { get; private set; }

    internal InstalledPrograms Programs { get; } = InstalledPrograms.FromEnvironment(_ => { });

    /// <summary>Skips the test if kit or sources are not here, or a program is missing and cannot be had.</summary>
    internal async Task NeedAsync()
    {
        CosmosKit? kit = CosmosKit.Find();
        Assert.SkipWhen(kit == null, CosmosKit.HowToGet);
        Sources ??= CosmosSources.Find(kit);
        Assert.SkipWhen(Sources == null, CosmosSources.HowToGet);
        try
        {
            await Programs.ProvideAsync([.. Toolchain.Cosmos.Needs, .. Qemu.Instance.Needs], CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }

        Build ??= new SuiteBuild(kit!, Sources!, _work);
    }

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();
}
