using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>What every command works with: the work tree, the installed programs and the output.</summary>
public sealed class Workplace
{
    /// <summary>The work tree that this program was built in.</summary>
    public Workplace()
    {
        Project = ProjectFolder.Find();
        Output = new Output();
        Programs = InstalledPrograms.FromEnvironment(Output.Progress);
    }

    /// <summary>The work tree.</summary>
    public ProjectFolder Project { get; }

    /// <summary>What is installed.</summary>
    public InstalledPrograms Programs { get; }

    /// <summary>What the user sees.</summary>
    public Output Output { get; }
}
