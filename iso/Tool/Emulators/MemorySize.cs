using System;
using System.Globalization;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Memory sizes as people write them: 64M, 8G, 65536K; a bare number is MiB.</summary>
public static class MemorySize
{
    /// <summary>The most RAM that any machine can have, in bytes.</summary>
    public const ulong Most = 1024UL << 30;

    /// <summary>The size in bytes.</summary>
    /// <exception cref="BadInputException">It is not a size, or not one that a machine can have.</exception>
    public static ulong Parse(string text)
    {
        int shift = text.Length == 0 ? -1 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 10,
            'M' => 20,
            'G' => 30,
            >= '0' and <= '9' => 20,
            _ => -1,
        };
        string digits = text.Length != 0 && char.IsAsciiLetter(text[^1]) ? text[..^1] : text;
        if (shift < 0
            || !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
            || number > Most >> shift
            || (number << shift) % MachineOptions.MiB != 0
            || number == 0)
        {
            throw new BadInputException($"memory size: expected whole MiB such as 64M or 8G, at most 1024G, "
                + $"found '{PastedText.Quote(text)}'");
        }

        return number << shift;
    }
}
