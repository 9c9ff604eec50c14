using System;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;

namespace CosmosBootAlloc.Tool.Build.Floppy;

/// <summary>Names as DOS has them: eight characters and three, in capitals, without a longer form beside them.</summary>
public static class Fat12Name
{
    /// <summary>Characters before the dot.</summary>
    public const int BaseLength = 8;

    private const int ExtensionLength = 3;

    /// <summary>A name's eleven bytes in a folder, padded with blanks.</summary>
    /// <exception cref="BadInputException">It has no such form: too long, or a character that DOS does not allow in a name.</exception>
    public static byte[] Encode(string name)
    {
        string upper = name.ToUpperInvariant();
        string[] parts = upper.Split('.');
        bool fits = parts[0].Length is > 0 and <= BaseLength
            && (parts.Length == 1 || (parts.Length == 2 && parts[1].Length is > 0 and <= ExtensionLength))
            && parts.All(p => p.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '~'));
        return fits
            ? Encoding.ASCII.GetBytes(parts[0].PadRight(BaseLength) + (parts.Length == 2 ? parts[1] : "").PadRight(ExtensionLength))
            : throw new BadInputException(
                $"file name on a floppy: expected up to {BaseLength} letters, digits, '_', '-' or '~', and an extension of up to "
                    + $"{ExtensionLength}, found '{name}'");
    }

    /// <summary>A volume's label in a folder and in the boot sector: eleven bytes, padded with blanks.</summary>
    /// <exception cref="BadInputException">It is longer, or not of letters and digits.</exception>
    public static byte[] EncodeLabel(string label)
        => label.Length is > 0 and <= BaseLength + ExtensionLength && label.All(char.IsAsciiLetterOrDigit)
            ? Encoding.ASCII.GetBytes(label.ToUpperInvariant().PadRight(BaseLength + ExtensionLength))
            : throw new BadInputException(
                $"label of a floppy: expected 1 to {BaseLength + ExtensionLength} letters and digits, found '{label}'");
}
