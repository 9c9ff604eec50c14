using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.CosmosSuites;

/// <summary>
/// Builds test kernels out of the work tree and out of Cosmos's: a project of its own for each, which compiles Cosmos's sources where they
/// are. A kernel on our heap has our package besides, and differs in nothing else.
/// </summary>
internal sealed class SuiteBuild(CosmosKit kit, CosmosSources sources, TemporaryFolder work)
{
    private const string Project = """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net6.0</TargetFramework>
            <CheckEolTargetFramework>false</CheckEolTargetFramework>
            <Platform>cosmos</Platform>
            <SupportsX86Intrinsics>false</SupportsX86Intrinsics>
            <SelfContained>true</SelfContained>
            <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
            <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
            <EnableNETAnalyzers>false</EnableNETAnalyzers>
            <NuGetAudit>false</NuGetAudit>
            <DebugEnabled>True</DebugEnabled>
            <Timeout>0</Timeout>
            <CosmosDir>@KIT@</CosmosDir>
            <RestoreAdditionalProjectSources>@KIT@/Packages</RestoreAdditionalProjectSources>
            <BootAllocVariant>NoBootmem</BootAllocVariant>
          </PropertyGroup>
          <ItemGroup>
            <Compile Include="@SOURCES@" />
            <PackageReference Include="Cosmos.Build" Version="0.1.0-localbuild" />
            <PackageReference Include="Cosmos.Debug.Kernel" Version="0.1.0-localbuild" />
            <PackageReference Include="Cosmos.System2" Version="0.1.0-localbuild" />
            <PackageReference Include="Cosmos.Plugs" Version="0.1.0-localbuild" />
            <PackageReference Include="XSharp" Version="0.1.0-localbuild" />
            <Reference Include="@KIT@/Kernel/Cosmos.IL2CPU.dll" Condition="Exists('@KIT@/Kernel/Cosmos.IL2CPU.dll')" />
          </ItemGroup>
          @OURS@
        </Project>
        """;

    // NetworkTest imports a namespace of the test platform and uses nothing of it.
    private const string Namespaces = """
        namespace Microsoft.VisualStudio.TestPlatform.CommunicationUtilities
        {
            internal static class Nothing
            {
            }
        }
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(20);

    private readonly Lazy<Task<string>> _package = new(() => UnpackAsync(work));

    /// <summary>Builds a suite.</summary>
    /// <param name="suite">Which.</param>
    /// <param name="ours">On our heap, or on Cosmos's.</param>
    /// <returns>The image, or null and what the build said.</returns>
    internal async Task<(string? Iso, string Errors)> BuildAsync(Suite suite, bool ours)
    {
        string folder = Directory.CreateDirectory(work.File($"{suite.Name}-{(ours ? "ours" : "stock")}")).FullName;
        string import = ours ? $"<Import Project=\"{await _package.Value}/build/CosmosBootAlloc.targets\" />" : "";
        string namespaces = Path.Combine(folder, "Namespaces.cs");
        await File.WriteAllTextAsync(namespaces, Namespaces);
        IEnumerable<string> compiled =
            suite.Sources.Select(s => $"{sources.Kernels}/{s}").Append($"{sources.TestController}/*.cs").Append(namespaces);
        string project = Path.Combine(folder, "Suite.csproj");
        await File.WriteAllTextAsync(
            project,
            Project.Replace("@KIT@", Escape(kit.Folder), StringComparison.Ordinal)
                .Replace("@SOURCES@", Escape(string.Join(';', compiled)), StringComparison.Ordinal)
                .Replace("@OURS@", import, StringComparison.Ordinal));
        ChildResult built = await Dotnet.RunAsync(["build", project, "-nodeReuse:false", "-v", "quiet"], s_limit, CancellationToken.None);
        string? iso = Directory.EnumerateFiles(folder, "Suite.iso", SearchOption.AllDirectories).FirstOrDefault();
        return built.ExitStatus == 0 && iso != null
            ? (iso, "")
            : (null, built.TimedOut ? $"not built after {s_limit.TotalMinutes:0} minutes" : KernelSources.Errors(folder, built.Output));
    }

    // The package as anybody gets it. It has one version for ever, so it does not go through NuGet's cache.
    private static async Task<string> UnpackAsync(TemporaryFolder work)
    {
        ProjectFolder project = ProjectFolder.Find();
        Variant[] variants = [.. Package.Variants(project).Where(v => v.Name == "nobootmem")];
        string package = await new Package(project).MakeAsync(variants, ["None"], work.File("feed"), _ => { }, CancellationToken.None);
        string folder = work.File("package");
        await ZipFile.ExtractToDirectoryAsync(package, folder);
        return folder;
    }

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
