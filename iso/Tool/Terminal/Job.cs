using System;
using System.Globalization;
using System.Linq;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CosmosBootAlloc.Tool.Terminal;

/// <summary>
/// A job while it runs: how far it is, and a line for each step that is running. Made by <see cref="Output.JobAsync"/>; off a terminal it
/// shows nothing.
/// </summary>
public sealed class Job
{
    // What the other columns of a line take: the spinner, the bar, the count and the time.
    private const int OtherColumns = 44;
    private const int LeastWidth = 24;

    private readonly ProgressContext? _context;
    private readonly ProgressTask? _whole;
    private readonly int _width;
    private double _done;

    internal Job(ProgressContext? context, string title, int width)
    {
        _context = context;
        _width = Math.Max(width - OtherColumns, LeastWidth);
        _whole = context?.AddTask(Markup.Escape(PlainWriter.Clean(title)), new ProgressTaskSettings { AutoStart = true });
        _whole?.IsIndeterminate = true;
    }

    /// <summary>Says how much there is to do.</summary>
    /// <param name="total">As a number of units.</param>
    /// <param name="unit">The unit, in the plural.</param>
    public void Expect(double total, string unit)
    {
        if (_whole != null)
        {
            _whole.MaxValue = total;
            _whole.State.Update<JobUnit>(JobColumn.Unit, _ => new JobUnit(unit));
            _whole.IsIndeterminate = false;
        }
    }

    /// <summary>Says how much of it is done.</summary>
    public void Reach(double done)
    {
        if (_whole == null)
        {
            return;
        }

        lock (_whole)
        {
            _done = done;

            // A task that reaches its end would vanish before the job does.
            _whole.Value = Math.Min(done, _whole.MaxValue * 0.9999);
        }
    }

    /// <summary>Says that one more unit is done.</summary>
    public void Advance() => Reach(_done + 1);

    /// <summary>Begins a step, which ends with the object.</summary>
    public Step Begin(string what) => new(_context, what, _width);
}

/// <summary>A step while it runs.</summary>
public sealed class Step : IDisposable
{
    private readonly ProgressTask? _task;
    private readonly string _what;
    private readonly int _width;
    private string _line = "";

    internal Step(ProgressContext? context, string what, int width)
    {
        _what = what;
        _width = width;
        _task = context?.AddTask(Shown(""), new ProgressTaskSettings { AutoStart = true });
        _task?.IsIndeterminate = true;
    }

    /// <summary>Says how far the step is.</summary>
    public void Tell(string detail) => _task?.Description = Shown(detail);

    /// <summary>Takes output of what runs, in pieces: its last whole line says how far the step is.</summary>
    public void Follow(string piece)
    {
        if (_task == null)
        {
            return;
        }

        lock (_task)
        {
            string[] lines = (_line + piece).Split('\n');
            _line = lines[^1].Length <= _width ? lines[^1] : "";
            if (lines[..^1].LastOrDefault(l => l.Trim().Length != 0) is { } last)
            {
                // A log line's time stamp says nothing here.
                int stamp = last.StartsWith('[') ? last.IndexOf("] ", StringComparison.Ordinal) + 1 : 0;
                Tell(last[Math.Max(stamp, 0)..].Trim());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _task?.StopTask();

    private string Shown(string detail)
    {
        string text = PlainWriter.Clean(detail.Length == 0 ? _what : $"{_what}: {detail}").Replace('\n', ' ').Replace('\t', ' ');
        return "  " + Markup.Escape(text.Length <= _width ? text : text[..(_width - 3)] + "...");
    }
}

/// <summary>What a job counts.</summary>
internal readonly record struct JobUnit(string Plural);

/// <summary>Of the job, a bar and the count; of a step, nothing.</summary>
internal sealed class JobColumn : ProgressColumn
{
    /// <summary>The key under which the job's line keeps its unit.</summary>
    internal const string Unit = "unit";

    private readonly ProgressBarColumn _bar = new() { Width = 12 };

    /// <inheritdoc/>
    protected override bool NoWrap => true;

    /// <inheritdoc/>
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        if (task.IsIndeterminate)
        {
            return Text.Empty;
        }

        string count = string.Create(
            CultureInfo.InvariantCulture, $"{task.Value:0.#} of {task.MaxValue:0.#} {task.State.Get<JobUnit>(Unit).Plural}");
        return new Columns(_bar.Render(options, task, deltaTime), new Text(count)) { Expand = false };
    }
}
