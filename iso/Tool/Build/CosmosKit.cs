using System.IO;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>The Cosmos gen2 user kit: IL2CPU, XSharp and the packages of a Cosmos kernel.</summary>
/// <param name="Folder">Where it is.</param>
public sealed record CosmosKit(string Folder)
{
    /// <summary>One line for people who lack it.</summary>
    public const string HowToGet =
        "the Cosmos gen2 kit is missing (/etc/CosmosUserKit.cfg names its folder, usually /opt/cosmos); it is built from the Cosmos, IL2CPU, XSharp and Common repositories by 'make' in Cosmos";

    /// <summary>The file that names the kit's folder.</summary>
    public const string Configuration = "/etc/CosmosUserKit.cfg";

    private const string UsualFolder = "/opt/cosmos";

    /// <summary>Finds it; null when it is not on this machine.</summary>
    /// <param name="configuration">The file that names its folder; without that file, the usual folder is looked into.</param>
    public static CosmosKit? Find(string configuration = Configuration)
    {
        string folder = File.Exists(configuration) ? File.ReadAllText(configuration).Trim() : UsualFolder;
        return File.Exists(Path.Combine(folder, "Build", "IL2CPU", "IL2CPU")) ? new CosmosKit(folder) : null;
    }
}
