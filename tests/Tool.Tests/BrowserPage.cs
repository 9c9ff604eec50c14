using System;
using System.IO;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Processes;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>A page in headless Chromium, in a frame of some width; what a script of the test finds out there comes back as JSON.</summary>
internal static partial class BrowserPage
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Loads the page, lets its own script run, then the probe: the body of a function whose result is returned.</summary>
    /// <param name="page">The page.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="dark">The person wants it dark.</param>
    /// <param name="probe">JavaScript.</param>
    internal static async Task<JsonElement> ProbeAsync(string page, int width, bool dark, string probe)
    {
        InstalledPrograms programs = InstalledPrograms.FromEnvironment(_ => { });
        try
        {
            await programs.ProvideAsync(CheckCommand.Browser, CancellationToken.None);
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
        }

        const string collector = "<script>window.faults = []; addEventListener('error', e => faults.push(e.message + ' line ' + "
            + "e.lineno)); addEventListener('unhandledrejection', e => faults.push(String(e.reason)));</script>";
        string last = $"<script>addEventListener('load', () => {{ let found; try {{ found = (() => {{ {probe} }})(); }} catch (e) {{ "
            + $"faults.push('probe: ' + e.message); }} parent.document.body.dataset.found = JSON.stringify({{ faults, found }}); "
            + $"}});</script>";
        string probed = page.Replace("<head>", "<head>" + collector, StringComparison.Ordinal)
            .Replace("</body>", last + "</body>", StringComparison.Ordinal);
        using TemporaryFolder work = new();
        string file = work.File("frame.html");
        await File.WriteAllTextAsync(
            file, $"<!DOCTYPE html><meta charset=\"utf-8\"><body style=\"margin:0\"><iframe "
                + $"style=\"border:0;width:{width}px;height:900px\" srcdoc=\"{WebUtility.HtmlEncode(probed)}\"></iframe></body>");
        ChildResult result = await ChildProcess.RunAsync(
            programs.Get("chromium"),
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir="
                    + work.File("profile"), "--window-size=1400,1000",
                .. dark ? new[] { "--blink-settings=preferredColorScheme=0" } : [],
                "--virtual-time-budget=4000", "--dump-dom", "file://" + file,
            ],
            s_limit,
            CancellationToken.None);
        Match found = Found().Match(result.Output);
        Assert.True(found.Success, $"the page's script never ended: {result.LastLine}");
        JsonElement json = JsonDocument.Parse(WebUtility.HtmlDecode(found.Groups[1].Value)).RootElement;
        Assert.True(json.GetProperty("faults").GetArrayLength() == 0, json.GetProperty("faults").ToString());
        return json.GetProperty("found");
    }

    [GeneratedRegex("data-found=\"([^\"]*)\"")]
    private static partial Regex Found();
}
