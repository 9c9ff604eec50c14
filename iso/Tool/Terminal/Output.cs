using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Spectre.Console;

namespace CosmosBootAlloc.Tool.Terminal;

/// <summary>
/// What the user sees: results on standard output, progress on standard error. Colors and moving lines appear on a terminal only; text
/// from a log is printed as it is, never interpreted as markup, and without control characters (<see cref="PlainWriter"/>).
/// </summary>
public sealed class Output
{
    private const int PlainWidth = 200;
    private const int LeastWidth = 40;
    private const int ParagraphWidth = 110;

    private readonly IAnsiConsole _results;
    private readonly IAnsiConsole _progress;
    private Job? _job;

    /// <summary>The process's own output.</summary>
    public Output()
    {
        _results = Make(PlainWriter.RawOutput, Console.IsOutputRedirected);
        _progress = Make(PlainWriter.RawError, Console.IsErrorRedirected);
    }

    /// <summary>Progress moves on a terminal; otherwise it is lines.</summary>
    public bool IsLive => _progress.Profile.Capabilities is { Ansi: true, Interactive: true };

    /// <summary>
    /// Columns that results may have: the terminal's; what COLUMNS says, when they go elsewhere; else <c>200</c>.
    /// </summary>
    public int Width => Results.Profile.Width;

    /// <summary>A line of the results.</summary>
    public void Line(string text)
    {
        if (MovesOnSameTerminal)
        {
            _progress.Write(Plain(text + "\n"));
        }
        else
        {
            Console.Out.WriteLine(text);
        }
    }

    /// <summary>A text wrapped to several lines after a label; nothing for an empty text.</summary>
    /// <param name="label">What stands before it; the other lines are indented as far.</param>
    /// <param name="text">The text.</param>
    /// <param name="width">Characters of a line.</param>
    public void Paragraph(string label, string text, int width = ParagraphWidth)
    {
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
            Results.Write(Plain(text + "\n", new Style(good ? Color.Green : Color.Red)));
        }
    }

    /// <summary>A line about what is being done. It stays, above whatever is still moving.</summary>
    public void Progress(string text)
    {
        lock (_progress)
        {
            if (_job != null && IsLive)
            {
                _progress.Write(Plain(text + "\n"));
            }
            else
            {
                Console.Error.WriteLine(text);
            }
        }
    }

    /// <summary>
    /// Does a job of several steps. A terminal shows, from the first moment, what runs and how far the job is; when the job ends only the
    /// lines of <see cref="Progress"/> remain. A job within a job adds its steps to the outer one.
    /// </summary>
    /// <param name="title">What the job is.</param>
    /// <param name="work">Does it.</param>
    public async Task<T> JobAsync<T>(string title, Func<Job, Task<T>> work)
    {
        if (_job is { } outer)
        {
            return await work(outer);
        }

        if (!IsLive)
        {
            return await work(new Job(null, title, 0));
        }

        try
        {
            return await _progress.Progress().AutoClear(true).HideCompleted(true)
                .Columns(
                    new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new JobColumn(), new ElapsedTimeColumn())
                .StartAsync(context => work(_job = new Job(context, title, _progress.Profile.Width)));
        }
        finally
        {
            _job = null;
        }
    }

    /// <summary>Does one step of a job; a line says how long it took.</summary>
    public Task<T> StepAsync<T>(string what, Func<Step, Task<T>> work) => JobAsync(what, async job =>
    {
        long start = Environment.TickCount64;
        using Step step = job.Begin(what);
        T result = await work(step);
        Progress($"{what}: {(Environment.TickCount64 - start) / 1000.0:0.0} s");
        return result;
    });

    /// <summary>A table.</summary>
    /// <param name="left">How many of the columns are text, aligned left; the others are figures, aligned right.</param>
    /// <param name="titles">The columns.</param>
    /// <param name="lines">The rows.</param>
    public void Table(int left, IReadOnlyList<string> titles, IEnumerable<TableLine> lines)
    {
        Table table = new() { Border = TableBorder.Simple };
        for (int i = 0; i < titles.Count; i++)
        {
            table.AddColumn(new TableColumn(Plain(titles[i])) { NoWrap = i < 2, Alignment = i < left ? Justify.Left : Justify.Right });
        }

        foreach (TableLine line in lines)
        {
            Style style = line.Emphasis ? new Style(Color.Yellow) : Style.Plain;
            List<Text> cells = [];
            foreach (string cell in line.Cells)
            {
                cells.Add(Plain(cell, style));
            }

            table.AddRow(cells);
        }

        Results.Write(table);
    }

    // Results must not be written into the middle of moving lines.
    private bool MovesOnSameTerminal => _job != null && IsLive && !Console.IsOutputRedirected;

    private IAnsiConsole Results => MovesOnSameTerminal ? _progress : _results;

    private static Text Plain(string text, Style? style = null) => new(PlainWriter.Clean(text), style);

    private static IAnsiConsole Make(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
        {
            console.Profile.Width = int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out int columns) && columns >= LeastWidth
                ? columns
                : PlainWidth;
        }

        return console;
    }
}

/// <summary>A row of a table.</summary>
/// <param name="Cells">As many as there are columns.</param>
/// <param name="Emphasis">Worth the reader's attention.</param>
public sealed record TableLine(IReadOnlyList<string> Cells, bool Emphasis);
