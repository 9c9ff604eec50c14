using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Maps;

/// <summary>
/// 10,000 logs, each a map that is known, printed in some form, then folded, quoted, colored, cut, repeated, and mixed with other messages.
/// Expect the map that was printed, or a refusal that names a line; never another map.
/// </summary>
public sealed class MapReaderFuzzTests
{
    private const int Logs = 10_000;

    private static readonly string[] s_types = ["", "usable", "reserved", "ACPI data", "ACPI NVS", "unusable"];

    private static readonly string[] s_noise =
    [
        "NX (Execute Disable) protection: active",
        "e820: update [mem 0x00000000-0x00000fff] usable ==> reserved",
        " modified: 0000000000000000 - 0000000000010000 (reserved)",
        "DMI 2.4 present.",
        "last_pfn = 0x3ffe0 max_arch_pfn = 0x400000000",
        "x86 PAT enabled: cpu 0, old 0x7040600070406, new 0x7010600070106",
        "",
    ];

    [Fact]
    public void TheMapComesBackOrARefusal()
    {
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < Logs; seed++)
        {
            PrintedLog log = new(seed);
            try
            {
                FirmwareMap map = MapReader.Read("log", log.Text);
                Assert.True(log.Entries.SequenceEqual(map.Entries), $"seed {seed}: found {string.Join(", ", map.Entries)} in\n{log.Text}");
                read++;
            }
            catch (BadInputException refusal)
            {
                Assert.True(log.Cut, $"seed {seed}: a whole log was refused: {refusal.Message}\n{log.Text}");
                Assert.Matches("^log:[0-9]+: ", refusal.Message);
                refused++;
            }
        }

        // Most cuts hit something that matters; most logs are not cut.
        Assert.True(read > Logs / 2 && refused > Logs / 20, $"{read} read, {refused} refused");
    }

    private sealed class PrintedLog
    {
        private readonly Random _random;
        private readonly bool _new;
        private readonly string _prefix;

        internal PrintedLog(int seed)
        {
            _random = new Random(seed);
            _new = Chance(2);
            _prefix = Pick("[    0.000000] ", "Feb 14 18:12:27 host kernel: [    0.000000]  ", "[    0.000000]  ", "<6>[    0.000000] ");
            List<string> lines = [];
            int boots = Chance(4) ? 2 : 1;
            for (int boot = 0; boot < boots; boot++)
            {
                Entries.Clear();
                Boot(lines);
            }

            Cut = Chance(3) && CutOneRow(lines);
            Text = Dress(lines);
        }

        internal List<FirmwareEntry> Entries { get; } = [];

        internal string Text { get; }

        internal bool Cut { get; }

        private bool Chance(int of) => _random.Next(of) == 0;

        private string Pick(params string[] texts) => texts[_random.Next(texts.Length)];

        private void Boot(List<string> lines)
        {
            lines.Add(_prefix + "Linux version 2.6.34 (gcc version 4.4.5) #1 SMP");
            lines.Add(_prefix + "BIOS-provided physical RAM map:");
            ulong at = (ulong)_random.Next(4) << 12;
            int rows = 1 + _random.Next(16);
            for (int i = 0; i < rows; i++)
            {
                ulong end = at + ((ulong)(1 + _random.Next(1 << 20)) << 10);
                uint type = (uint)(Chance(8) ? 6 + _random.Next(1000) : 1 + _random.Next(5));
                if (type is 7 or 12)
                {
                    type = 20;
                }

                Entries.Add(new FirmwareEntry(at, end, type));
                lines.Add(_prefix + Row(at, end, type));
                at = end + ((ulong)_random.Next(2) << 20);
                if (Chance(6))
                {
                    lines.Add(_prefix + Pick(s_noise));
                }
            }

            lines.Add(_prefix + Pick(s_noise));
        }

        private string Row(ulong start, ulong end, uint type)
        {
            string name = type <= 5 ? s_types[type] : $"type {type}";
            return _new ? $"BIOS-e820: [mem 0x{start:x16}-0x{end - 1:x16}] {name}"
                : type <= 5 ? $"BIOS-e820: {start:x16} - {end:x16} ({name})"
                : $"BIOS-e820: {start:x16} - {end:x16} {name}";
        }

        // A number at the end of a row that lost a digit is another number: nobody can see that, so it is not done here.
        private bool CutOneRow(List<string> lines)
        {
            int[] rows = [.. Enumerable.Range(0, lines.Count).Where(i => lines[i].Contains("BIOS-e820:") && !lines[i].Contains("type"))];
            if (rows.Length == 0)
            {
                return false;
            }

            int row = rows[_random.Next(rows.Length)];
            int mark = lines[row].IndexOf("BIOS-e820:", StringComparison.Ordinal) + "BIOS-e820:".Length;
            lines[row] = lines[row][..(mark + _random.Next(lines[row].Length - mark))];
            return true;
        }

        private string Dress(List<string> lines)
        {
            int fold = Cut ? 0 : _random.Next(3);
            int columns = fold == 2 ? 76 + _random.Next(10) : 68 + _random.Next(10);
            string quote = Cut || !Chance(3) ? "" : "> ";
            string end = Pick("\n", "\r\n", "\r\r\n");
            StringBuilder text = new();
            foreach (string line in lines)
            {
                foreach (string piece in fold == 0 ? [line] : fold == 1 ? AtBlanks(line, columns) : Anywhere(line, columns))
                {
                    text.Append(quote).Append(piece).Append(end);
                }
            }

            string dressed = text.ToString();
            dressed = Chance(4) ? dressed.Replace("BIOS-e820:", "\x1b[33mBIOS-e820:\x1b[0m") : dressed;
            dressed = Chance(4) ? dressed.Replace(" - ", " \u2013 ") : dressed;
            dressed = Chance(4) ? dressed.Replace("  ", "\u00a0 ") : dressed;
            return dressed;
        }

        // As a mailer folds.
        private static IEnumerable<string> AtBlanks(string line, int columns)
        {
            while (line.Length > columns)
            {
                int blank = line.LastIndexOf(' ', columns);
                if (blank <= line.IndexOf("BIOS-e820:", StringComparison.Ordinal) + 10)
                {
                    break;
                }

                yield return line[..blank];
                line = line[(blank + 1)..];
            }

            yield return line;
        }

        // As a terminal's window folds.
        private static IEnumerable<string> Anywhere(string line, int columns)
        {
            for (; line.Length > columns; line = line[columns..])
            {
                yield return line[..columns];
            }

            yield return line;
        }
    }
}
