using System;
using System.CommandLine;
using System.IO;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Replay;
using CosmosBootAlloc.Tool.Errors;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc replay</c>: the operations of trace files, with new results.</summary>
public static class ReplayCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("file") { Description = "Trace files.", Arity = ArgumentArity.OneOrMore };
        Command command = new("replay", "Perform the operations of trace files and print each file with the results obtained.") { files };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(files)));
        return command;
    }

    /// <summary>Prints the files one after the other.</summary>
    /// <exception cref="BadInputException">A file cannot be read, or a line of it is wrong.</exception>
    public static int Run(string[] files)
    {
        using Stream standard = Console.OpenStandardOutput();
        using StreamWriter output = new(standard, new UTF8Encoding(false), 1 << 16);
        foreach (string file in files)
        {
            try
            {
                using StreamReader reader = new(file);
                Replayer.Replay(file, reader, output);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new BadInputException($"{file}: cannot be read: {error.Message}");
            }
        }

        return ExitStatus.Done;
    }
}
