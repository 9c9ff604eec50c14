using System;
using System.CommandLine;
using System.IO;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Replay;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Terminal;

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
        using StreamWriter raw = new(standard, new UTF8Encoding(false), 1 << 16);
        using PlainWriter output = new(raw);
        foreach (string file in files)
        {
            using StreamReader reader = new(InputFile.Open(file, InputFile.MostTraceBytes));
            Replayer.Replay(file, reader, output);
        }

        return ExitStatus.Done;
    }
}
