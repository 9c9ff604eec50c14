using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using Spectre.Console;

namespace CosmosBootAlloc.Tool.Report;

/// <summary>
/// What people see: results on standard output, progress on standard error. Colours and moving lines only on a terminal; whatever comes
/// from a log is printed as it stands, never read as markup.
/// </summary>
public sealed class Output
{
    private const int PlainWidth = 200;

    private readonly IAnsiConsole _results;
    private readonly IAnsiConsole _progress;

    /// <summary>The process's own output.</summary>
    public Output()
    {
        _results = Make(Console.Out, Console.IsOutputRedirected);
        _progress = Make(Console.Error, Console.IsErrorRedirected);
    }

    /// <summary>A line of the results.</summary>
    public void Line(string text) => Console.Out.WriteLine(text);

    /// <summary>A text of some lines behind a label; nothing for an empty one.</summary>
    public void Paragraph(string label, string text)
    {
        const int width = 110;
        string start = label;
        string line = "";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length != 0 && start.Length + line.Length + 1 + word.Length > width)
            {
                Line(start + line);
                start = new string(' ', label.Length);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        if (line.Length != 0)
        {
            Line(start + line);
        }
    }

    /// <summary>A line of the results that is good or bad news.</summary>
    public void Verdict(bool good, string text)
    {
        if (Console.IsOutputRedirected)
        {
            Console.Out.WriteLine(text);
        }
        else
        {
            _results.Write(new Text(text + "\n", new Style(good ? Color.Green : Color.Red)));
        }
    }

    /// <summary>A line about what is being done.</summary>
    public void Progress(string text)
    {
        lock (_progress)
        {
            Console.Error.WriteLine(text);
        }
    }

    /// <summary>Does a piece of work; a terminal shows that it goes on, a file only that it began and how long it took.</summary>
    public async Task<T> DoAsync<T>(string what, Func<Task<T>> work)
    {
        long start = Environment.TickCount64;
        T result = Console.IsErrorRedirected ? await work() : await _progress.Status().StartAsync(Markup.Escape(what), _ => work());
        Progress($"{what}: {(Environment.TickCount64 - start) / 1000.0:0.0} s");
        return result;
    }

    /// <summary>A table.</summary>
    /// <param name="left">How many columns are words, set left; the others are figures, set right.</param>
    public void Table(int left, IReadOnlyList<string> titles, IEnumerable<TableLine> lines)
    {
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < titles.Count; i++)
        {
            TableColumn column = new(new Text(titles[i])) { NoWrap = i < 2, Alignment = i < left ? Justify.Left : Justify.Right };
            table.AddColumn(column);
        }

        foreach (TableLine line in lines)
        {
            Style style = line.Emphasis ? new Style(Color.Yellow) : Style.Plain;
            List<Text> cells = [];
            foreach (string cell in line.Cells)
            {
                cells.Add(new Text(cell, style));
            }

            table.AddRow(cells);
        }

        _results.Write(table);
    }

    private static IAnsiConsole Make(System.IO.TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            console.Profile.Width = PlainWidth;
        }

        return console;
    }
}

/// <summary>A line of a table.</summary>
/// <param name="Cells">As many as there are titles.</param>
/// <param name="Emphasis">Worth the reader's eye.</param>
public sealed record TableLine(IReadOnlyList<string> Cells, bool Emphasis);
