using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace CosmosBootAlloc.Boot.Tests;

/// <summary>
/// What each command leaves on the screen, row by row, held against the files in Screens: a row that breaks in mid-word, a column that is
/// gone, a message that changed. Figures are taken out, since they change with each build. To accept new screens, look at them, and run
/// the test with BOOTALLOC_ACCEPT_SCREENS=1.
/// </summary>
internal static partial class GoldenScreens
{
    /// <summary>
    /// Commands that both toolchains have. Without those whose lines are for programs and longer than a row: where such a line breaks
    /// depends on its figures. The last but one is answered by a line of just 80 characters, which takes one row.
    /// </summary>
    internal static IReadOnlyList<string> Commands { get; } =
    [
        "help alloc", "summary", "e820", "reservations", "buddyinfo", "meminfo", "slabinfo", "memmap", "story", "alloc 100", "alloc 1G",
        "alloc 10 3", "free 100000", "hold 1M", "hold 0", "leak", "oom", "config", "gc", "selftest", "save fd0", "keymap", "keymap xx",
        "crash", "a-line-of-just-eighty-characters-xxxx", "meminfo now",
    ];

    /// <summary>Compares, or accepts.</summary>
    /// <param name="folder">The folder below Screens.</param>
    /// <param name="commands">The commands.</param>
    /// <param name="screens">Where the screens are: 00.txt, 01.txt, and so on.</param>
    internal static async Task CheckAsync(string folder, IReadOnlyList<string> commands, string screens)
    {
        bool accept = Environment.GetEnvironmentVariable("BOOTALLOC_ACCEPT_SCREENS") == "1";
        string golden = Path.Combine(Lab.Project.At("tests", "Boot.Tests", "Screens"), folder);
        Directory.CreateDirectory(golden);
        List<string> wrong = [];
        for (int i = 0; i < commands.Count; i++)
        {
            string file = Path.Combine(golden, $"{commands[i].Replace(' ', '-')}.txt");
            string shown = Shape(await File.ReadAllTextAsync(Path.Combine(screens, $"{i:00}.txt")), commands[i]);
            if (accept)
            {
                await File.WriteAllTextAsync(file, shown);
            }
            else if (!File.Exists(file) || await File.ReadAllTextAsync(file) != shown)
            {
                wrong.Add($"{file}:\n{shown}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    // The rows below the command, or all if it scrolled off; a number is one '#', blanks are one, and so are rows that are then alike.
    private static string Shape(string screen, string command)
    {
        string[] rows = screen.TrimEnd('\n').Split('\n');
        int typed = Array.FindLastIndex(rows, r => r == "bootalloc> " + command);
        string[] shown = [.. rows.Skip(typed + 1).Select(r => Blanks().Replace(Figures().Replace(r, "#"), " ").TrimEnd())];
        return string.Join('\n', shown.Where((row, i) => i == 0 || row != shown[i - 1])) + "\n";
    }

    [GeneratedRegex(@"\b0x[0-9a-f]+|(?<![a-z])[0-9a-f]{6,16}\b(?=.*)|\d[\d,]*")]
    private static partial Regex Figures();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Blanks();
}
