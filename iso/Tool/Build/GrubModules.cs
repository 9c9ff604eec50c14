using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// A folder of GRUB's modules for grub-mkimage whose last step before the kernel runs on every CPU. As installed it clears a bit of control
/// register 4, which no 386 has, and no 486 without CPUID: there GRUB dies, and the kernel can say nothing. The bit, PAE, is never set on
/// the way from a BIOS.
/// </summary>
public static class GrubModules
{
    /// <summary>What is changed; part of an image's recipe.</summary>
    public const string Recipe = "relocator without cr4";

    private const string Relocator = "relocator.mod";

    // mov eax,cr4; and eax,~0x20; mov cr4,eax
    private static readonly byte[] s_clearPae = [0x0f, 0x20, 0xe0, 0x83, 0xe0, 0xdf, 0x0f, 0x22, 0xe0];

    private const byte Nop = 0x90;

    /// <summary>Fills a folder: links to what is installed, and the changed module.</summary>
    /// <param name="installed">Where GRUB is installed.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="cancel">Ends the work.</param>
    public static async Task FillAsync(string installed, string folder, CancellationToken cancel)
    {
        foreach (string file in Directory.EnumerateFiles(installed))
        {
            string name = Path.GetFileName(file);
            if (name != Relocator)
            {
                File.CreateSymbolicLink(Path.Combine(folder, name), file);
            }
        }

        byte[] module = await File.ReadAllBytesAsync(Path.Combine(installed, Relocator), cancel);
        await File.WriteAllBytesAsync(Path.Combine(folder, Relocator), WithoutCr4(module), cancel);
    }

    /// <summary>The module with instructions that do nothing instead; the same where a GRUB has no such place.</summary>
    public static byte[] WithoutCr4(byte[] module)
    {
        byte[] changed = [.. module];
        for (int at; (at = changed.AsSpan().IndexOf(s_clearPae)) >= 0;)
        {
            changed.AsSpan(at, s_clearPae.Length).Fill(Nop);
        }

        return changed;
    }
}
