using System;
using System.Buffers;
using System.IO;
using System.Linq;
using System.Text;

namespace CosmosBootAlloc.Tool.Terminal;

/// <summary>
/// The one place through which text reaches the terminal. Names of files, options, logs, and traces are others' text: a control character
/// in it (ESC, and everything else of C0 and C1 but line feeds and tabs) could move the cursor, change the title, or answer for the user,
/// so each becomes a '?'.
/// </summary>
/// <param name="raw">Receives the rest.</param>
public sealed class PlainWriter(TextWriter raw) : TextWriter
{
    private static readonly SearchValues<char> s_control = SearchValues.Create(
        [.. Enumerable.Range(0, 0xa0).Select(c => (char)c).Where(c => char.IsControl(c) && c is not ('\n' or '\t'))]);

    /// <summary>Standard output without the check, for what makes colors and moving lines out of checked text.</summary>
    public static TextWriter RawOutput { get; private set; } = Console.Out;

    /// <summary>Standard error without the check.</summary>
    public static TextWriter RawError { get; private set; } = Console.Error;

    /// <inheritdoc/>
    public override Encoding Encoding => raw.Encoding;

    /// <summary>Puts the check before standard output and standard error.</summary>
    public static void Install()
    {
        (RawOutput, RawError) = (Console.Out, Console.Error);
        Console.SetOut(new PlainWriter(RawOutput));
        Console.SetError(new PlainWriter(RawError));
    }

    /// <summary>A text with a '?' for each control character. O(length); most texts have none.</summary>
    public static string Clean(string text) => !text.AsSpan().ContainsAny(s_control) ? text
        : string.Create(text.Length, text, (clean, from) =>
        {
            from.CopyTo(clean);
            clean.ReplaceAny(s_control, '?');
        });

    /// <summary>
    /// Writes what a machine sends, as it arrives: printable ASCII, line feeds, tabs, and the backspaces with which its shell erases.
    /// </summary>
    public static void WriteMachine(string piece)
        => RawOutput.Write(string.Concat(piece.Where(c => c is '\n' or '\t' or '\b' or >= ' ' and < '\x7f')));

    /// <inheritdoc/>
    public override void Write(char value) => raw.Write(s_control.Contains(value) ? '?' : value);

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => raw.Write(Clean(new string(buffer, index, count)));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => raw.Write(Clean(buffer.ToString()));

    /// <inheritdoc/>
    public override void Write(string? value) => raw.Write(Clean(value ?? ""));

    /// <inheritdoc/>
    public override void Flush() => raw.Flush();
}
