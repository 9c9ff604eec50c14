using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool;

/// <summary>The program behind the <c>bootalloc</c> script.</summary>
public static class Program
{
    /// <summary>Runs the command line.</summary>
    /// <returns>One of <see cref="ExitStatus"/>.</returns>
    public static Task<int> Main(string[] arguments) => CommandLine.RunAsync(arguments);
}
