using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// A folder of GRUB's files for grub-mkimage, one or two of them changed.
/// <list type="bullet">
/// <item>The last step before the kernel runs on every CPU. As installed it clears a bit of control register 4, which no 386 has, and no
/// 486 without CPUID: there GRUB dies, and the kernel can say nothing. The bit, PAE, is never set on the way from a BIOS.</item>
/// <item>On request, GRUB's start measures the CPU's clock against the timer for 3 ms, not for 55 ms. Where instructions are the clock,
/// that is 55 million of them, all looking at a port: most of the time that an emulator takes for a boot. Elsewhere 3 ms are too few for a
/// menu that times out: a machine that its host makes wait meanwhile would count far too slowly.</item>
/// </list>
/// </summary>
public static class GrubModules
{
    /// <summary>What is changed; part of an image's recipe.</summary>
    public const string Recipe = "relocator without cr4";

    /// <summary>What is changed on request.</summary>
    public const string ShortRecipe = "clock measured for 3 ms";

    private const string Core = "kernel.img";
    private const string Relocator = "relocator.mod";

    // mov eax,cr4; and eax,~0x20; mov cr4,eax
    private static readonly byte[] s_clearPae = [0x0f, 0x20, 0xe0, 0x83, 0xe0, 0xdf, 0x0f, 0x22, 0xe0];

    private const byte Nop = 0x90;

    // mov al,0xff; out 0x42,al; out 0x42,al: the timer counts 0xffff, for 54.93 ms. Then xor eax,eax; mov edx,55.
    private static readonly byte[] s_count = [0xb0, 0xff, 0xe6, 0x42, 0xe6, 0x42];
    private static readonly byte[] s_milliseconds = [0x31, 0xc0, 0xba, 55, 0, 0, 0];

    // 0x0e0e counts of 838.1 ns are 3.015 ms.
    private const byte ShortCount = 0x0e;
    private const byte ShortMilliseconds = 3;

    // From the one to the other.
    private const int MeasureBytes = 128;

    /// <summary>Fills a folder: links to what is installed, and the changed files.</summary>
    /// <param name="installed">Where GRUB is installed.</param>
    /// <param name="folder">An empty folder.</param>
    /// <param name="shortMeasure">GRUB measures the CPU's clock for 3 ms only.</param>
    /// <param name="cancel">Ends the work.</param>
    public static async Task FillAsync(string installed, string folder, bool shortMeasure, CancellationToken cancel)
    {
        foreach (string file in Directory.EnumerateFiles(installed))
        {
            string name = Path.GetFileName(file);
            if (name is not (Relocator or Core))
            {
                File.CreateSymbolicLink(Path.Combine(folder, name), file);
            }
        }

        await ChangeAsync(Relocator, WithoutCr4);
        await ChangeAsync(Core, shortMeasure ? WithShortMeasure : core => core);

        async Task ChangeAsync(string name, Func<byte[], byte[]> change)
        {
            byte[] bytes = await File.ReadAllBytesAsync(Path.Combine(installed, name), cancel);
            await File.WriteAllBytesAsync(Path.Combine(folder, name), change(bytes), cancel);
        }
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

    /// <summary>
    /// The core that measures the clock for 3 ms; the same where a GRUB has no such place, or more than one.
    /// </summary>
    public static byte[] WithShortMeasure(byte[] core)
    {
        byte[] changed = [.. core];
        int count = Only(changed, s_count);
        if (count < 0)
        {
            return changed;
        }

        int behind = count + s_count.Length;
        int milliseconds = Only(changed.AsSpan(behind, int.Min(MeasureBytes, changed.Length - behind)), s_milliseconds);
        if (milliseconds >= 0)
        {
            changed[count + 1] = ShortCount;
            changed[behind + milliseconds + 3] = ShortMilliseconds;
        }

        return changed;
    }

    private static int Only(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> piece)
    {
        int first = bytes.IndexOf(piece);
        return first == bytes.LastIndexOf(piece) ? first : -1;
    }
}
