using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CosmosBootAlloc.Simulator.Maps;

/// <summary>
/// Who printed a row. In this order one is preferred when a boot has several: closest to what the kernel itself was given first.
/// </summary>
internal enum RowSource
{
    /// <summary>Linux's <c>BIOS-e820:</c>, <c>BIOS-e801:</c>, <c>BIOS-88:</c>, and this kernel's.</summary>
    Kernel,

    /// <summary>Linux under Xen: <c>Xen:</c>.</summary>
    XenGuest,

    /// <summary>The Xen hypervisor: <c>(XEN)</c>.</summary>
    Xen,

    /// <summary>SeaBIOS, below <c>e820 map has N items</c>.</summary>
    SeaBios,

    /// <summary>FreeBSD's <c>SMAP type=</c>.</summary>
    FreeBsd,

    /// <summary>/proc/iomem.</summary>
    Iomem,
}

/// <summary>The forms of a row, and what a type is called in them.</summary>
internal static class RowForm
{
    /// <summary>What a row of a log looks like, for messages.</summary>
    internal const string Expected = "expected 'START - END (type)' or '[mem 0xSTART-0xLAST] type'";

    private const uint PersistentType = 7;

    private const string NewForm = @"(?<mem>\[mem\s+0x)(?<a>[0-9a-fA-F]{1,16})\s*-\s*0x(?<b>[0-9a-fA-F]{1,16})\]";
    private const string XenForm = @"(?<comma>\[)(?<a>[0-9a-fA-F]{1,16}),\s*(?<b>[0-9a-fA-F]{1,16})\]";
    private const string OldForm = @"(?<a>[0-9a-fA-F]{1,16})\s*(?:-|(?<at>@))\s*(?<b>[0-9a-fA-F]{1,16})(?![0-9a-zA-Z])";

    private static readonly Dictionary<string, uint> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["usable"] = 1,
        ["reserved"] = 2,
        ["ACPI data"] = 3,
        ["ACPI NVS"] = 4,
        ["unusable"] = 5,
        ["soft reserved"] = 2,
        ["device reserved"] = 2,
    };

    private static readonly Dictionary<string, uint> s_iomem = new(StringComparer.OrdinalIgnoreCase)
    {
        ["System RAM"] = 1,
        ["Reserved"] = 2,
        ["Soft Reserved"] = 2,
        ["ACPI Tables"] = 3,
        ["ACPI Non-volatile Storage"] = 4,
        ["Unusable memory"] = 5,
        ["Persistent Memory"] = PersistentType,
        ["Persistent Memory (legacy)"] = 12,
    };

    /// <summary>The name by which a source is known to its users.</summary>
    internal static string Name(RowSource source) => source switch
    {
        RowSource.Kernel => "BIOS-e820",
        RowSource.XenGuest => "Xen:",
        RowSource.Xen => "(XEN)",
        RowSource.SeaBios => "SeaBIOS",
        RowSource.FreeBsd => "SMAP",
        _ => "/proc/iomem",
    };

    /// <summary>Reads what stands behind a mark such as <c>BIOS-e820:</c>.</summary>
    /// <param name="text">A clean text, blanks in front allowed; what follows the type is ignored.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="ended">False when the text ends with the type, so that a folded line could continue it.</param>
    /// <returns>What is wrong, or null.</returns>
    internal static string? Parse(string text, out FirmwareEntry entry, out bool ended) => Parse(text, out entry, out ended, out _);

    /// <summary>The same, with the type as it is printed, without brackets.</summary>
    internal static string? Parse(string text, out FirmwareEntry entry, out bool ended, out string type)
    {
        entry = default;
        ended = true;
        type = "";
        Match row = s_row.Match(text);
        if (!row.Success)
        {
            return Expected;
        }

        string first = row.Groups["a"].Value;
        string second = row.Groups["b"].Value;
        if (first.Length != second.Length)
        {
            return $"expected two addresses of the same length, found {first.Length} and {second.Length} digits";
        }

        ulong start = Hexadecimal(first);
        ulong end = Hexadecimal(second);
        if (row.Groups["at"].Success)
        {
            (start, end) = (end, end + start);
        }
        else if ((row.Groups["mem"].Success || row.Groups["comma"].Success) && end != ulong.MaxValue)
        {
            end++;
        }

        if (end < start)
        {
            return $"expected an end at or above the start, found {start:x} and {end:x}";
        }

        string? problem = ParseType(text[row.Length..], row.Groups["mem"].Success, out uint number, out type, out ended);
        entry = new FirmwareEntry(start, end, number);
        return problem;
    }

    /// <summary>Reads the type of a line of /proc/iomem.</summary>
    /// <returns>False for devices, which are no part of a map.</returns>
    internal static bool TryIomem(string name, out uint type) => s_iomem.TryGetValue(name.Trim(), out type);

    /// <summary>Hexadecimal digits, at most 16.</summary>
    internal static ulong Hexadecimal(string digits) => ulong.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>A type as a map file or a log spells it: one of Linux's words, or <c>type N</c>.</summary>
    internal static bool TryType(string name, out uint type)
        => s_types.TryGetValue(name, out type)
            || (s_numberedType.Match(name) is { Success: true } numbered && numbered.Length == name.Length
                && uint.TryParse(numbered.Groups["n"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out type));

    private static string? ParseType(string text, bool openForm, out uint type, out string printed, out bool ended)
    {
        ended = true;
        type = 0;
        printed = "";
        text = text.TrimStart();
        if (text.StartsWith('('))
        {
            Match bracket = s_bracket.Match(text);
            printed = bracket.Groups["t"].Value.Trim();
            return !bracket.Success ? $"expected a type in brackets, found '{PastedText.Quote(text)}'"
                : TryType(printed, out type) ? null
                : $"expected a type (usable, reserved, ACPI data, ACPI NVS, unusable or 'type N'), "
                    + $"found '{PastedText.Quote(bracket.Groups["t"].Value)}'";
        }

        // Without brackets: the kernels' new form, and 'type N' in the old one.
        if (s_numberedType.Match(text) is { Success: true } numbered)
        {
            ended = numbered.Length < text.Length;
            printed = numbered.Value;
            return uint.TryParse(numbered.Groups["n"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out type)
                ? null
                : $"expected a type of at most {uint.MaxValue}, found '{PastedText.Quote(numbered.Groups["n"].Value)}'";
        }

        foreach ((string name, uint number) in openForm ? s_types : [])
        {
            bool whole = text.Length == name.Length || (text.Length > name.Length && !char.IsLetterOrDigit(text[name.Length]));
            if (whole && text.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                (type, printed) = (number, name);
                return null;
            }
        }

        return text.Length == 0
            ? "the type is missing"
            : $"expected a type (usable, reserved, ACPI data, ACPI NVS, unusable or 'type N'), found '{PastedText.Quote(text)}'";
    }

    private static readonly Regex s_row = new(@"^\s*(?:" + NewForm + "|" + XenForm + "|" + OldForm + ")");

    private static readonly Regex s_bracket = new(@"^\((?<t>[^()]*(?:\([^()]*\))?)\s*\)");

    private static readonly Regex s_numberedType = new(
        @"^(?:persistent\s+\()?type\s+(?<n>[0-9]+)(?![0-9a-zA-Z])\)?", RegexOptions.IgnoreCase);
}
