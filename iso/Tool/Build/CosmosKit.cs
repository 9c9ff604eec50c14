using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The result of a search for the Cosmos kit.</summary>
/// <param name="Folder">Where it was looked for; empty when nothing names a folder.</param>
/// <param name="Kit">The kit, or null.</param>
/// <param name="Problem">Why there is none and how to get one, in one line; null when there is a kit.</param>
public sealed record KitSearch(string Folder, CosmosKit? Kit, string? Problem)
{
    /// <summary>A folder was named, but it does not hold a complete kit.</summary>
    public bool Broken => Kit == null && Problem != CosmosKit.HowToGet;
}

/// <summary>
/// The Cosmos gen2 user kit: IL2CPU, XSharp and the packages of a Cosmos kernel. It is only found and used; nothing of it is in this
/// project.
/// </summary>
/// <param name="Folder">Its folder.</param>
public sealed record CosmosKit(string Folder)
{
    /// <summary>One line for users who do not have it.</summary>
    public const string HowToGet =
        "the Cosmos gen2 kit is missing (/etc/CosmosUserKit.cfg names its folder, usually /opt/cosmos; or --cosmos DIR); " + HowToMake;

    private const string HowToMake = "it is built from the Cosmos, IL2CPU, XSharp and Common repositories by 'make' in Cosmos";

    /// <summary>The file that names the kit's folder.</summary>
    public const string Configuration = "/etc/CosmosUserKit.cfg";

    /// <summary>The environment variable that names the folder and overrides everything else; <c>--cosmos</c> sets it.</summary>
    public const string Variable = "CosmosKit";

    private const string UsualFolder = "/opt/cosmos";
    private const string PackageEnding = ".nupkg";

    // What a build uses: the compiler, the debug stub's sources, and the packages that the project files name.
    private static readonly string[] s_parts = ["Build/IL2CPU/IL2CPU", "XSharp/DebugStub", "Packages"];
    private static readonly string[] s_packages =
        ["Cosmos.Build", "Cosmos.Core", "Cosmos.Debug.Kernel", "Cosmos.Plugs", "Cosmos.System2", "IL2CPU.API", "XSharp"];

    /// <summary>Finds it through the environment; null when it is not on this host.</summary>
    public static CosmosKit? Find() => Search().Kit;

    /// <summary>Finds it; null when it is not on this host.</summary>
    /// <param name="configuration">The file that names its folder; without that file the usual folder is searched.</param>
    public static CosmosKit? Find(string configuration) => Search(configuration).Kit;

    /// <summary>Finds it through the environment.</summary>
    /// <exception cref="MissingToolException">There is none, or only a part of one; the message says what is missing.</exception>
    public static CosmosKit Get()
    {
        KitSearch search = Search();
        return search.Kit ?? throw new MissingToolException(search.Problem!);
    }

    /// <summary>Looks for it through the environment.</summary>
    public static KitSearch Search()
        => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Look(folder, folder) : Search(Configuration);

    /// <summary>Looks for it.</summary>
    /// <param name="configuration">The file that names its folder; without that file the usual folder is searched.</param>
    public static KitSearch Search(string configuration)
    {
        if (File.Exists(configuration))
        {
            string named = File.ReadAllText(configuration).Trim();
            return named.Length == 0
                ? new KitSearch("", null, $"{configuration}: expected the folder of the Cosmos gen2 kit, found nothing; {HowToMake}")
                : Look(named, $"{named}, which {configuration} names,");
        }

        string usual = OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "Cosmos User Kit")
            : UsualFolder;
        return Directory.Exists(usual) ? Look(usual, usual) : new KitSearch(usual, null, HowToGet);
    }

    /// <summary>The packages and the sources they were built from: <c>Cosmos.Build 0.1.0-localbuild (764ceb0d)</c> and so on.</summary>
    public IReadOnlyList<string> Versions()
        => [.. s_packages.Select(Version).OfType<string>()];

    /// <summary>The first eight digits of the commit that a package was built from; null when it does not say, or is not there.</summary>
    public string? Commit(string package) => PackageFile(package) is { } file ? CommitIn(file) : null;

    private static KitSearch Look(string folder, string named)
    {
        CosmosKit kit = new(Path.GetFullPath(folder));
        if (!Directory.Exists(kit.Folder))
        {
            return new KitSearch(kit.Folder, null, $"{named} does not exist: expected the folder of a Cosmos gen2 kit; {HowToMake}");
        }

        string[] lacks = [.. kit.Lacks()];
        if (lacks.Length == 0)
        {
            return new KitSearch(kit.Folder, kit, null);
        }

        string problem = s_parts.All(lacks.Contains)
            ? $"{named} is not a Cosmos gen2 kit: expected {string.Join(", ", s_parts)} in it"
            : $"the Cosmos gen2 kit {named} is incomplete: lacks {string.Join(", ", lacks)}";
        return new KitSearch(kit.Folder, null, $"{problem}; {HowToMake}");
    }

    /// <summary>The parts of a kit that the folder lacks.</summary>
    private IEnumerable<string> Lacks()
    {
        foreach (string part in s_parts)
        {
            string path = Path.Combine(Folder, part);
            if (!File.Exists(path) && !File.Exists(path + ".exe") && !Directory.Exists(path))
            {
                yield return part;
            }
        }

        if (Directory.Exists(Path.Combine(Folder, "Packages")))
        {
            foreach (string package in s_packages.Where(p => PackageFile(p) == null))
            {
                yield return $"package {package}";
            }
        }
    }

    // A package's name may be the beginning of another's: only a version may follow it.
    private string? PackageFile(string package)
        => Directory.EnumerateFiles(Path.Combine(Folder, "Packages"), package + ".*" + PackageEnding)
            .Where(f => char.IsAsciiDigit(Path.GetFileName(f)[package.Length + 1])).Order(StringComparer.Ordinal).LastOrDefault();

    private string? Version(string package)
    {
        if (PackageFile(package) is not { } file)
        {
            return null;
        }

        string version = Path.GetFileName(file)[(package.Length + 1)..^PackageEnding.Length];
        return CommitIn(file) is { } commit ? $"{package} {version} ({commit})" : $"{package} {version}";
    }

    // The commit is in the package's own description; a damaged package has none.
    private static string? CommitIn(string file)
    {
        try
        {
            using ZipArchive package = ZipFile.OpenRead(file);
            ZipArchiveEntry? description = package.Entries.FirstOrDefault(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal));
            if (description == null)
            {
                return null;
            }

            using StreamReader reader = new(description.Open());
            Match found = s_commitAttribute.Match(reader.ReadToEnd());
            return found.Success ? found.Groups[1].Value : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static readonly Regex s_commitAttribute = new("commit=\"([0-9a-f]{8})");
}
