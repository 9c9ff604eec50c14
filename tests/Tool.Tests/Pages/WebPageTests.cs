using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Logs;
using CosmosBootAlloc.Tool.Report;
using CosmosBootAlloc.Tool.Terminal;
using Microsoft.Playwright;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests.Pages;

/// <summary>The page of <c>bootalloc web</c> in a browser, with the images as they are built.</summary>
public sealed class WebPageTests
{
    private const long MostBytes = 6_000_000;

    // Of those, what a browser reads before the machines start: the emulator, and the kernels of the first two.
    private const int MostBootCharacters = 1_200_000;

    // A machine in a page on a busy host takes its time; this is only to end a test that hangs.
    private const float Milliseconds = 600_000;

    private const string BothAtTheirPrompts =
        "() => [...document.querySelectorAll('.machine .state')].every(e => e.textContent === 'at its prompt')";

    private static readonly Lazy<Task<string>> s_page = new(MakeAsync);

    // Expect both boots to be good, the keyboard and the serial line to reach the shells, the page's figures to be those of the logs, the
    // bitmap of bootmem to come and go, and nothing to be asked for outside the page.
    [Fact]
    public async Task TwoVariantsBootAndAreCompared()
    {
        await using OpenPage open = await Chromium.OpenAsync(await PageAsync(), 1280, dark: false);
        IPage page = open.Page;
        page.SetDefaultTimeout(Milliseconds);
        await page.WaitForFunctionAsync(BothAtTheirPrompts, null, new() { Timeout = Milliseconds });

        await page.FocusAsync("#machine-left .screen");
        await page.Keyboard.TypeAsync("buddyinfo\n");
        await page.FillAsync("#machine-right input", "buddyinfo");
        await page.PressAsync("#machine-right input", "Enter");
        await page.WaitForFunctionAsync(
            "() => machines.every(m => /buddyinfo\\nNode 0, zone +DMA [^]*bootalloc> $/.test(m.text))",
            null,
            new() { Timeout = Milliseconds });

        await page.ClickAsync("#whole summary");
        BootLog[] logs = await LogsAsync(page);
        IFrame frame = (await (await page.QuerySelectorAsync("#report"))!.ContentFrameAsync())!;
        await frame.WaitForSelectorAsync("td[data-log='1'][data-fact='done|status']", new() { State = WaitForSelectorState.Attached });
        for (int i = 0; i < logs.Length; i++)
        {
            Assert.Empty(BootLogChecks.CheckOne(logs[i]));
            Assert.Contains("buddyinfo", await page.TextContentAsync(".machine .screen"), StringComparison.Ordinal);
            foreach (string fact in new[] { "usable_pages", "free_pages", "reserved_pages" })
            {
                string? shown = await frame.TextContentAsync($"td[data-log='{i}'][data-fact='pages in all|{fact}']");
                Assert.Equal(logs[i].Accounted!.Number(fact)!.Value.ToString("#,0", CultureInfo.InvariantCulture), shown);
            }
        }

        await AssertBitmapComesAndGoesAsync(page);
        Assert.DoesNotContain("ticks", await page.TextContentAsync("#compared"), StringComparison.Ordinal);
        await page.CheckAsync("#recorded");
        await page.WaitForFunctionAsync("() => /ticks/.test(document.getElementById('compared').textContent)");
        foreach (int width in new[] { 400, 1280 })
        {
            await page.SetViewportSizeAsync(width, 900);
            await AssertNothingOverflowsAsync(page);
        }

        open.AssertNoFault();
    }

    // Expect GRUB's menu to be walked to the wanted variants, and them to hand over what they say; in the dark, on a narrow screen.
    [Fact]
    public async Task MachinesStartFromTheBiosToo()
    {
        await using OpenPage open = await Chromium.OpenAsync(await PageAsync(), 400, dark: true);
        IPage page = open.Page;
        await page.SelectOptionAsync("#left", "memblock");
        await page.SelectOptionAsync("#right", "lmb");
        await page.SelectOptionAsync("#memory", "64");
        await page.SelectOptionAsync("#how", "bios");
        await page.ClickAsync("#controls button");
        await page.WaitForFunctionAsync(BothAtTheirPrompts, null, new() { Timeout = Milliseconds });

        BootLog[] logs = await LogsAsync(page);
        Assert.Equal(["memblock", "lmb"], logs.Select(l => l.Variant));
        foreach (BootLog log in logs)
        {
            Assert.Empty(BootLogChecks.CheckOne(log));
            Assert.StartsWith("GRUB", log.Boot!["loader"], StringComparison.Ordinal);
            Assert.InRange(log.Accounted!.Number("usable_pages")!.Value, 63UL * 256, 64UL * 256);
        }

        await AssertNothingOverflowsAsync(page);
        open.AssertNoFault();
    }

    // Expect the comparison in the page to be the command line's, to the byte: over all recorded logs at once, and each with the next.
    [Fact]
    public async Task TheComparisonIsTheCommandLines()
    {
        await using OpenPage open = await Chromium.OpenAsync(await PageAsync(), 1280, dark: false);
        IPage page = open.Page;
        await page.WaitForFunctionAsync("() => comparison", null, new() { Timeout = Milliseconds });
        string[] all = [.. Directory.GetFiles(RecordedLogTests.Folder, "*.log").Order(StringComparer.Ordinal)];
        Assert.True(all.Length >= 20);
        using TemporaryFolder work = new();
        foreach (string[] files in all.Zip(all.Skip(1), (a, b) => new[] { a, b }).Append(all))
        {
            string html = work.File("compared.html");
            CompareCommand.Run(new Output(), files, html);
            string[] texts = [.. files.Select(f => File.ReadAllText(f, Encoding.Latin1))];

            string? made = await page.EvaluateAsync<string>(
                "([names, texts]) => comparison.Report(names, texts, true)", new[] { files, texts });

            Assert.Equal(await File.ReadAllTextAsync(html), made);
        }

        open.AssertNoFault();
    }

    // Expect the image that machines boot from the BIOS to be the one that was built, to the byte: its kernels lie elsewhere in the page.
    [Fact]
    public async Task TheImageInThePageIsTheOneThatWasBuilt()
    {
        await using OpenPage open = await Chromium.OpenAsync(await PageAsync(), 1280, dark: false);

        string image = await open.Page.EvaluateAsync<string>(
            """
            async () => {
              const bytes = new Uint8Array(await wholeImage()), text = [];
              for (let i = 0; i < bytes.length; i += 4096) text.push(String.fromCharCode(...bytes.subarray(i, i + 4096)));
              return btoa(text.join(''));
            }
            """);

        string built = new Workplace().Project.At("iso", "out", "bootalloc.iso");
        Assert.Equal(await File.ReadAllBytesAsync(built), Convert.FromBase64String(image));
        open.AssertNoFault();
    }

    // Expect a page that nothing has to be loaded for, below its limit, with the licences of what is in it.
    [Fact]
    public async Task ThePageIsOneFile()
    {
        string file = await PageAsync();
        string text = await File.ReadAllTextAsync(file);

        Assert.True(new FileInfo(file).Length <= MostBytes, $"{new FileInfo(file).Length} bytes");
        int boot = text.IndexOf("id=\"comparison\"", StringComparison.Ordinal);
        Assert.InRange(boot, 0, MostBootCharacters);
        Assert.DoesNotMatch("<(script|img|link|iframe|object|embed)[^>]*\\s(src|href|data)\\s*=", text);
        Assert.DoesNotContain("@", Notices(text).Replace("@@", "", StringComparison.Ordinal), StringComparison.Ordinal);
        foreach (string licence in new[] { "BSD-2-Clause", "LGPL-3", "LGPL-2.1", "MIT" })
        {
            Assert.Contains(licence, Notices(text), StringComparison.Ordinal);
        }
    }

    private static string Notices(string page)
    {
        int start = page.IndexOf("<details id=\"licences\">", StringComparison.Ordinal);
        return page[start..page.IndexOf("</details>", start, StringComparison.Ordinal)];
    }

    private static async Task AssertBitmapComesAndGoesAsync(IPage page)
    {
        // Which is the machine with bootmem: the first, as the page starts.
        JsonElement? steps = await page.EvaluateAsync(
            """
            () => {
              const walk = document.querySelector('#compared [data-walk]'), seen = [];
              const press = key => walk.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
              press('Home');
              for (let i = 0; i < 5; i++) {
                seen.push(!!walk.querySelector('svg.strip rect.held.on[data-o=BOOTMAP]'));
                press('ArrowRight');
              }
              return seen;
            }
            """);
        bool[] seen = [.. steps!.Value.EnumerateArray().Select(s => s.GetBoolean())];
        Assert.False(seen[0]);
        Assert.Contains(true, seen);
        Assert.False(seen[^1]);
    }

    private static async Task AssertNothingOverflowsAsync(IPage page)
    {
        int over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(over <= 0, $"{over} pixels too wide");
    }

    private static async Task<BootLog[]> LogsAsync(IPage page)
    {
        string[] texts = await page.EvaluateAsync<string[]>("() => machines.map(m => m.text)");
        return [.. texts.Select((t, i) => BootLog.Parse($"machine {i}", t))];
    }

    private static async Task<string> PageAsync()
    {
        try
        {
            return await s_page.Value;
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
            throw;
        }
    }

    private static async Task<string> MakeAsync()
    {
        Workplace place = new();
        Assert.Equal(ExitStatus.Done, await WebCommand.RunAsync(place, CancellationToken.None));
        return Path.Combine(place.Project.Out, "bootalloc.html");
    }
}
