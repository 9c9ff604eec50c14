using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Processes;

/// <summary>
/// The end of what a program prints, read as it comes: memory is bounded however much it is, and however long a line. Lines arrive from
/// any thread, one at a time.
/// </summary>
public sealed class OutputTail
{
    /// <summary>Characters kept of the output.</summary>
    public const int MostCharacters = 1 << 20;

    /// <summary>Characters kept of a line.</summary>
    public const int MostInLine = 1 << 18;

    // A child that left the program's group may hold the pipe for ever. Counted in turns: one in which this program stood still, or the
    // reader had no thread, does not use them up.
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);
    private const int MostTurns = 50;

    private readonly StringBuilder _text = new();
    private readonly Action<string>? _line;
    private readonly Task _reading;

    /// <summary>Begins to read.</summary>
    /// <param name="line">Receives each line as it arrives; may be null.</param>
    /// <param name="readers">Standard output, standard error, or both.</param>
    public OutputTail(Action<string>? line, params StreamReader[] readers)
    {
        _line = line;
        _reading = Task.WhenAll(Array.ConvertAll(readers, ReadAsync));
    }

    /// <summary>What was kept, once the program has ended. Does not wait long for a pipe that is held open.</summary>
    public async Task<string> TextAsync()
    {
        for (int turns = 0; !_reading.IsCompleted && turns < MostTurns; turns++)
        {
            await Task.WhenAny(_reading, Task.Delay(s_turn));
        }

        lock (_text)
        {
            return _text.ToString();
        }
    }

    private async Task ReadAsync(StreamReader reader)
    {
        char[] buffer = new char[4096];
        StringBuilder line = new();
        while (await reader.ReadAsync(buffer) is > 0 and int count)
        {
            int start = 0;
            for (int end; start < count; start = end + 1)
            {
                int feed = Array.IndexOf(buffer, '\n', start, count - start);
                end = feed < 0 ? count : feed;
                line.Append(buffer, start, Math.Min(end - start, MostInLine - line.Length));
                if (feed >= 0)
                {
                    Take(line);
                }
            }
        }

        if (line.Length != 0)
        {
            Take(line);
        }
    }

    private void Take(StringBuilder line)
    {
        string text = line.ToString().TrimEnd('\r');
        line.Clear();
        lock (_text)
        {
            _text.Append(text).Append('\n');
            if (_text.Length > 2 * MostCharacters)
            {
                _text.Remove(0, _text.Length - MostCharacters);
            }

            _line?.Invoke(text);
        }
    }
}
