using System;
using System.CommandLine;
using System.IO;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.LinuxLogs;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Simulator.Replay;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc replay</c>: the operations of trace files, or of Linux's own boot logs, with new results.</summary>
public static class ReplayCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string[]> files = new("file")
        {
            Description = "Trace files, or boot logs of Linux with memblock=debug.",
            Arity = ArgumentArity.OneOrMore,
        };
        Command command = new("replay", "Perform the operations of trace files and print each file with the results obtained; of a Linux "
            + "boot log with memblock=debug, compare each address that memblock gave.") { files };
        command.SetAction(parsed => Run(parsed.GetRequiredValue(files)));
        return command;
    }

    /// <summary>Prints the files one after the other.</summary>
    /// <returns>1 when an address of a Linux log is not ours.</returns>
    /// <exception cref="BadInputException">A file cannot be read, or a line of it is wrong.</exception>
    public static int Run(string[] files)
    {
        using Stream standard = Console.OpenStandardOutput();
        using StreamWriter raw = new(standard, new UTF8Encoding(false), 1 << 16);
        using PlainWriter output = new(raw);
        bool same = true;
        foreach (string file in files)
        {
            using StreamReader reader = new(InputFile.Open(file, InputFile.MostTraceBytes));
            using PeekedReader peeked = new(reader);
            if (MemblockLog.IsLog(peeked.Beginning()))
            {
                same &= MemblockWitness.Replay(MemblockLog.Read(file, Text(file, peeked)), output);
            }
            else
            {
                Replayer.Replay(file, peeked, output);
            }
        }

        return same ? ExitStatus.Done : ExitStatus.Failed;
    }

    private static string Text(string file, TextReader reader)
    {
        char[] text = new char[PastedText.MostBytes + 1];
        int length = reader.ReadBlock(text);
        return length < text.Length ? new string(text, 0, length)
            : throw new BadInputException($"{file}: expected a log of at most {PastedText.MostBytes >> 20} MB, found more");
    }
}
