using System;
using System.IO;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>
/// Performs the operations of a trace with the project's own stages and prints the file with the results obtained:
/// comments and operations verbatim, fresh result lines. A right implementation prints a golden file back byte for byte.
/// </summary>
public static class Replayer
{
    private const string BugPrefix = "BUG: ";

    /// <summary>Replays one trace.</summary>
    /// <param name="file">Name for error messages.</param>
    /// <param name="input">The trace, version 1.</param>
    /// <param name="output">Receives the trace with fresh results, LF line ends.</param>
    /// <exception cref="BadInputException">A line is not of the format; the message names file and line.</exception>
    public static void Replay(string file, TextReader input, TextWriter output)
    {
        using HostMachine machine = new();
        IOperationSet[]? sets = null;
        int number = 0;
        foreach (string line in InputFile.Lines(file, input))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                output.Write(line + "\n");
            }
            else if (sets == null)
            {
                sets = TraceKinds.SetsFor(file, number, line, machine);
                output.Write(line + "\n");
            }
            else if (line[0] is >= 'a' and <= 'z')
            {
                output.Write(line + "\n");
                if (!Perform(new TraceOperation(file, number, line), sets, machine, output))
                {
                    return;
                }
            }
            else if (line[0] is not ('>' or '-' or '=' or '!'))
            {
                throw new BadInputException($"{file}:{number}: expected a comment (#), an operation or a result (> - = !), found '"
                    + $"{PastedText.Quote(line)}'");
            }
        }

        if (sets == null)
        {
            throw new BadInputException($"{file}:{number}: expected a header 'trace KIND 1', found none");
        }
    }

    private static bool Perform(TraceOperation operation, IOperationSet[] sets, HostMachine machine, TextWriter output)
    {
        TraceResults results = new();
        machine.Log.Clear();
        string? stop = null;
        try
        {
            if (!Array.Exists(sets, set => set.Perform(operation, results)))
            {
                throw operation.Error($"'{PastedText.Quote(operation.Name)}' is no operation of this trace kind");
            }
        }
        catch (KernelPanicException panic)
        {
            stop = panic.Message.StartsWith(BugPrefix, StringComparison.Ordinal) ? "BUG" : "panic: " + panic.Message;
        }

        foreach (string line in machine.Log)
        {
            output.Write($"> {line}\n");
        }

        foreach (string row in results.Rows)
        {
            output.Write($"- {row}\n");
        }

        if (stop != null)
        {
            output.Write($"! {stop}\n");
            return false;
        }

        if (results.Value != null)
        {
            output.Write($"= {results.Value}\n");
        }

        return true;
    }
}
