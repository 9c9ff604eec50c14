using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Scenarios;

/// <summary>A line of a log.</summary>
/// <param name="Number">Its number in the log, from 1.</param>
/// <param name="Text">The line, without blanks at its end.</param>
public readonly record struct ExcerptLine(int Number, string Text);

/// <summary>Lines of the recorded log of a real Linux, and where they stand in it.</summary>
/// <param name="File">The log, as a path below the project's folder, or beside the scenario.</param>
/// <param name="Lines">The lines, ascending.</param>
public sealed record LogExcerpt(string File, IReadOnlyList<ExcerptLine> Lines)
{
    /// <summary>The same with one more line, written as <c>  NUMBER: TEXT</c>.</summary>
    /// <param name="place">Where it is written, for messages.</param>
    /// <param name="line">What is written.</param>
    /// <exception cref="BadInputException">It has another form, or is not below the line before it in the log.</exception>
    public LogExcerpt With(string place, string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        int last = Lines.Count == 0 ? 0 : Lines[^1].Number;
        if (colon < 0 || !int.TryParse(line.AsSpan(0, colon), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out int number)
            || number <= last || line.Length < colon + 3 || line[colon + 1] != ' ')
        {
            throw new BadInputException(
                $"{place}: expected 'NUMBER: TEXT', a line of the log below line {last}, found '{PastedText.Quote(line)}'");
        }

        return this with { Lines = [.. Lines, new ExcerptLine(number, line[(colon + 2)..].TrimEnd())] };
    }

    /// <summary>The log's path.</summary>
    /// <param name="project">The project, where it is looked for first.</param>
    /// <param name="scenario">The scenario's file, beside which it is looked for next.</param>
    public string Find(ProjectFolder project, string scenario)
        => project.At(File) is var own && System.IO.File.Exists(own) ? own
            : Path.Combine(Path.GetDirectoryName(Path.GetFullPath(scenario)) ?? "", File);

    /// <summary>Lines of the excerpt that are not in a log where they should be; empty when all are.</summary>
    /// <param name="log">The text of the log.</param>
    public IReadOnlyList<string> Check(string log)
    {
        List<string> faults = [];
        string[] lines = log.ReplaceLineEndings("\n").Split('\n');
        foreach ((int number, string text) in Lines)
        {
            string found = number <= lines.Length ? lines[number - 1].TrimEnd() : "the log's end";
            if (found != text)
            {
                faults.Add($"{File}:{number}: expected '{text}', found '{PastedText.Quote(found)}'");
            }
        }

        return faults;
    }
}
