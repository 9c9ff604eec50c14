using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;
using CosmosBootAlloc.Tool.Report;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>What every command works with: the work tree, the machine and the output.</summary>
public sealed class Workplace
{
    /// <summary>The one this program was built in.</summary>
    public Workplace()
    {
        Project = ProjectFolder.Find();
        Output = new Output();
        Machine = Machine.FromEnvironment(Output.Progress);
    }

    /// <summary>The work tree.</summary>
    public ProjectFolder Project { get; }

    /// <summary>What is installed.</summary>
    public Machine Machine { get; }

    /// <summary>What people see.</summary>
    public Output Output { get; }
}
