using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using CosmosBootAlloc.Tool.Report.Page;

namespace CosmosBootAlloc.Tool.Web;

/// <summary>A variant in the page.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Models">What it models.</param>
/// <param name="Path">Its kernel's path in the image.</param>
/// <param name="RecordedLog">The file with its boot log under instruction counting.</param>
public sealed record PageVariant(string Name, string Models, string Path, string RecordedLog);

/// <summary>Where the parts of the page are, and their versions.</summary>
/// <param name="Sources">iso/Web.</param>
/// <param name="Image">The ISO with every variant.</param>
/// <param name="Start">Our start, assembled.</param>
/// <param name="Emulator">v86.</param>
/// <param name="Comparison">The comparison's files.</param>
/// <param name="Variants">The variants; the first two are booted at first.</param>
/// <param name="Recorded">The machine of the recorded logs, in words.</param>
/// <param name="Versions">Names and versions of what is in the page, by their tokens in notices.html.</param>
/// <param name="Licences">Texts of licences: element id and file.</param>
public sealed record PageParts(
    string Sources,
    string Image,
    string Start,
    V86Package Emulator,
    IReadOnlyList<string> Comparison,
    IReadOnlyList<PageVariant> Variants,
    string Recorded,
    IReadOnlyDictionary<string, string> Versions,
    IReadOnlyList<(string Id, string File)> Licences);

/// <summary>
/// The page that boots the variants in a browser: one file, with the emulator, the firmware, the image, and the comparison in it. What it
/// needs to boot comes first, so that the machines start while the browser still reads the rest; then the comparison; last the image, which
/// only a boot from the BIOS needs.
/// </summary>
/// <param name="parts">What it is made of.</param>
public sealed class WebPage(PageParts parts)
{
    private const int DefaultMegabytes = 32;

    // Booted at first.
    private const int FirstVariants = 2;

    private static readonly int[] s_megabytes = [8, 16, 32, 64, 128, 256];
    private static readonly string[] s_sides = ["left", "right"];

    /// <summary>Characters of what is read before the machines start, after <see cref="Make"/>.</summary>
    public int BootCharacters { get; private set; }

    /// <summary>Makes the page.</summary>
    public string Make()
    {
        PackedData boot = new();
        boot.AddFile("libv86.js", parts.Emulator.Script)
            .AddText("worker.js", Scripts("worker"))
            .AddFile("v86.wasm", parts.Emulator.Module)
            .AddFile("start.bin", parts.Start)
            .AddFile("vgabios.bin", Firmware.VgaBios);
        byte[] image = File.ReadAllBytes(parts.Image);
        PackedData rest = new();
        AddKernels(image, boot, rest);
        foreach (string file in parts.Comparison)
        {
            rest.AddFile("dotnet/" + Path.GetFileName(file), file);
        }

        foreach (PageVariant variant in parts.Variants)
        {
            rest.AddFile($"recorded/{variant.Name}", variant.RecordedLog);
        }

        rest.AddFile("bios.bin", Firmware.Bios).Add("bootalloc.iso", image);
        foreach ((string id, string file) in parts.Licences)
        {
            rest.AddFile(id, file);
        }

        string names = JsonSerializer.Serialize(parts.Comparison.Select(Path.GetFileName));
        string list = $"<script type=\"application/json\" id=\"comparison\">{names}</script>\n";
        string machine = Source("machine.html");
        string style = HtmlPage.Style + Source("page.css");
        string page = Source("page.html")
            .Replace("@STYLE@", style, StringComparison.Ordinal)
            .Replace("@LEFT@", Options(0), StringComparison.Ordinal)
            .Replace("@RIGHT@", Options(1), StringComparison.Ordinal)
            .Replace("@MEMORY@", MemoryOptions(), StringComparison.Ordinal)
            .Replace("@MACHINES@", string.Concat(s_sides.Select(s => machine.Replace("@SIDE@", s, StringComparison.Ordinal))),
                StringComparison.Ordinal)
            .Replace("@RECORDED@", HtmlPage.Escape(parts.Recorded), StringComparison.Ordinal)
            .Replace("@NOTICES@", Notices(), StringComparison.Ordinal)
            .Replace("@SCRIPT@", HtmlPage.Script + Scripts("app"), StringComparison.Ordinal)
            .Replace("@DATA@", boot.Html, StringComparison.Ordinal);
        BootCharacters = page.Length;
        return page.Replace("@COMPARISON@", list + rest.Html, StringComparison.Ordinal);
    }

    // Takes the kernels out of the image and leaves zeros; for a boot from the BIOS the page puts them back. Those that boot at first come
    // first.
    private void AddKernels(byte[] image, PackedData boot, PackedData rest)
    {
        for (int i = 0; i < parts.Variants.Count; i++)
        {
            Span<byte> kernel = image.AsSpan(IsoImage.FileAt(image, parts.Variants[i].Path));
            (i < FirstVariants ? boot : rest).Add("kernel/" + parts.Variants[i].Name, kernel);
            kernel.Clear();
        }
    }

    private string Options(int chosen) => string.Concat(parts.Variants.Select((v, i) =>
        $"<option value=\"{v.Name}\"{(i == chosen ? " selected" : "")} data-path=\"{v.Path}\" data-models=\"{HtmlPage.Escape(v.Models)}\">"
            + $"{v.Name}</option>"));

    private static string MemoryOptions() => string.Concat(
        s_megabytes.Select(m => $"<option value=\"{m}\"{(m == DefaultMegabytes ? " selected" : "")}>{m} MB</option>"));

    private string Notices()
    {
        string notices = Source("notices.html");
        foreach ((string token, string version) in parts.Versions)
        {
            notices = notices.Replace($"@{token}@", HtmlPage.Escape(version), StringComparison.Ordinal);
        }

        return notices;
    }

    private string Scripts(string folder) => string.Join('\n',
        Directory.EnumerateFiles(Path.Combine(parts.Sources, folder), "*.js").Order(StringComparer.Ordinal).Select(File.ReadAllText));

    private string Source(string name) => File.ReadAllText(Path.Combine(parts.Sources, name));
}
