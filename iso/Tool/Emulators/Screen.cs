using System;
using System.IO;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Saves a QEMU machine's screen.</summary>
public static class Screen
{
    private const int Columns = 80;
    private const int Rows = 25;
    private const ulong TextMemory = 0xb8000;

    /// <summary>Refuses a file name whose extension is not one of a screen file.</summary>
    public static void CheckName(string file)
    {
        if (Path.GetExtension(file) is not (".png" or ".ppm" or ".txt"))
        {
            throw new BadInputException($"screen file: expected a name ending in .png, .ppm or .txt, found '{file}'");
        }
    }

    /// <summary>Saves it in the format that the file's extension names.</summary>
    public static async Task SaveAsync(QemuMonitor monitor, string file, CancellationToken cancel)
    {
        CheckName(file);
        string kind = Path.GetExtension(file)[1..];
        if (kind != "txt")
        {
            await monitor.ExecuteAsync("screendump", new JsonObject { ["filename"] = file, ["format"] = kind }, cancel);
            return;
        }

        await File.WriteAllTextAsync(file, await ReadAsync(monitor, file + ".raw", cancel), cancel);
    }

    /// <summary>The characters currently on the text screen.</summary>
    /// <param name="scratch">A file name to use and delete.</param>
    /// <param name="monitor">The machine.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<string> ReadAsync(QemuMonitor monitor, string scratch, CancellationToken cancel)
    {
        try
        {
            await monitor.ExecuteAsync(
                "pmemsave", new JsonObject { ["val"] = TextMemory, ["size"] = Columns * Rows * 2, ["filename"] = scratch }, cancel);
            return ToText(await File.ReadAllBytesAsync(scratch, cancel));
        }
        finally
        {
            File.Delete(scratch);
        }
    }

    /// <summary>
    /// The characters of a text screen, one line per row, without trailing blanks; anything that is not ASCII becomes '?'.
    /// </summary>
    public static string ToText(ReadOnlySpan<byte> cells)
    {
        StringBuilder text = new();
        for (int row = 0; row < Rows; row++)
        {
            StringBuilder line = new();
            for (int column = 0; column < Columns; column++)
            {
                byte character = cells[(row * Columns + column) * 2];
                line.Append(character == 0 ? ' ' : character is >= 32 and < 127 ? (char)character : '?');
            }

            text.Append(line.ToString().TrimEnd(' ')).Append('\n');
        }

        return text.ToString();
    }
}
