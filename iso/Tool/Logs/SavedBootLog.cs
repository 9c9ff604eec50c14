using System;
using System.Globalization;
using System.IO;
using System.IO.Hashing;
using System.Text;
using System.Text.RegularExpressions;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Logs;

/// <summary>
/// The boot log that the kernel's <c>save</c> left in BOOTLOG.TXT: in the file itself, or in the image, floppy, or disk that holds it. The
/// writer is CosmosKernel/Disks/SavedLog.cs.
/// </summary>
public sealed class SavedBootLog
{
    /// <summary>Bytes from the start in which it is looked for: more than any image has.</summary>
    public const int SearchedBytes = 4 << 20;

    private const int SectorBytes = 512;
    private const int HeadBytes = 64;
    private const string Mark = "CosmosBootAlloc boot log, ";

    private SavedBootLog(string text, bool isWhole)
    {
        Text = text;
        IsWhole = isWhole;
    }

    /// <summary>The log, its lines ended by line feeds.</summary>
    public string Text { get; }

    /// <summary>The check sum is right.</summary>
    public bool IsWhole { get; }

    /// <summary>Looks for it in the first <see cref="SearchedBytes"/> of a stream.</summary>
    /// <param name="name">What is read, for messages.</param>
    /// <param name="stream">Read from where it stands.</param>
    /// <exception cref="BadInputException">There is none, or it is empty or cut.</exception>
    public static SavedBootLog Read(string name, Stream stream)
    {
        byte[] bytes = new byte[SearchedBytes];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        for (int at = 0; at + HeadBytes <= length; at += SectorBytes)
        {
            string head = Encoding.Latin1.GetString(bytes, at, HeadBytes);
            if (!head.StartsWith(Mark, StringComparison.Ordinal))
            {
                continue;
            }

            if (s_emptyLine.IsMatch(head))
            {
                throw new BadInputException(
                    $"{name}: BOOTLOG.TXT is empty; the shell's command 'save' on the machine writes the log into it");
            }

            Match saved = s_savedLine.Match(head);
            if (saved.Success)
            {
                return Take(name, bytes.AsSpan(at + HeadBytes, length - at - HeadBytes), saved);
            }
        }

        throw new BadInputException(
            $"{name}: expected BOOTLOG.TXT, or an image, floppy, or disk with it, found no such file in the first {length} bytes");
    }

    private static SavedBootLog Take(string name, ReadOnlySpan<byte> behind, Match head)
    {
        int bytes = int.Parse(head.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        uint sum = uint.Parse(head.Groups[2].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (bytes > behind.Length)
        {
            throw new BadInputException($"{name}: BOOTLOG.TXT holds {bytes} bytes of log by its first line, and {behind.Length} follow");
        }

        ReadOnlySpan<byte> log = behind[..bytes];
        string text = Encoding.Latin1.GetString(log).Replace("\r\n", "\n", StringComparison.Ordinal);
        return new SavedBootLog(text, Crc32.HashToUInt32(log) == sum);
    }

    private static readonly Regex s_savedLine = new(@"^CosmosBootAlloc boot log, saved: (\d{5,}) bytes, CRC-32 ([0-9a-f]{8}) *\r\n");

    private static readonly Regex s_emptyLine = new("^CosmosBootAlloc boot log, sector 000 of ");
}
