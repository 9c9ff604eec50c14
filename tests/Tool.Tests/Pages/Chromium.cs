using System;
using System.Collections.Generic;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Files;
using CosmosBootAlloc.Tool.Needs;
using Microsoft.Playwright;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests.Pages;

/// <summary>
/// Debian's Chromium without a window, started once for all tests of a run and driven by Playwright; every test has a page of its own.
/// </summary>
internal static class Chromium
{
    private static readonly Lazy<Task<IBrowser>> s_browser = new(StartAsync);

    // On a busy host everything takes its time; this is only to end a test that hangs.
    private const float Milliseconds = 600_000;

    // Nothing of the browser's own goes over a network.
    private static readonly string[] s_arguments =
    [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync",
    ];

    /// <summary>Opens a file in a new page that may load nothing else. Skips the test when there is no Chromium.</summary>
    /// <param name="file">The page's file.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="dark">The person wants it dark.</param>
    /// <param name="height">Pixels.</param>
    internal static async Task<OpenPage> OpenAsync(string file, int width, bool dark, int height = 900)
    {
        IBrowser browser;
        try
        {
            browser = await s_browser.Value;
        }
        catch (MissingToolException error)
        {
            Assert.Skip(error.Message);
            throw;
        }

        IBrowserContext context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout(Milliseconds);
        context.SetDefaultNavigationTimeout(Milliseconds);
        OpenPage open = new(context, await context.NewPageAsync());
        string address = new Uri(file).AbsoluteUri;
        await context.RouteAsync("**/*", async route =>
        {
            // What stays in the page does not come here: blob and data addresses are no requests.
            if (route.Request.Url == address)
            {
                await route.ContinueAsync();
            }
            else
            {
                open.Add($"request: {route.Request.Url}");
                await route.AbortAsync();
            }
        });
        await open.Page.GotoAsync(address);
        return open;
    }

    /// <summary>Loads a page, lets its own script run, then the probe: the body of a function whose result is returned.</summary>
    /// <param name="page">The page.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="dark">The person wants it dark.</param>
    /// <param name="probe">JavaScript.</param>
    internal static async Task<JsonElement> ProbeAsync(string page, int width, bool dark, string probe)
    {
        using TemporaryFolder work = new();
        string file = work.File("page.html");
        await File.WriteAllTextAsync(file, page);
        await using OpenPage open = await OpenAsync(file, width, dark);
        JsonElement? found = await open.Page.EvaluateAsync($"() => {{ {probe} }}");
        open.AssertNoFault();
        return found!.Value;
    }

    private static async Task<IBrowser> StartAsync()
    {
        InstalledPrograms programs = InstalledPrograms.FromEnvironment(_ => { });
        await programs.ProvideAsync(CheckCommand.Browser, CancellationToken.None);
        IPlaywright playwright = await Playwright.CreateAsync();
        return await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = programs.Get("chromium"),
            Timeout = Milliseconds,
            Args = s_arguments,
            ChromiumSandbox = Environment.UserName != "root",
        });
    }
}

/// <summary>A page in the browser, and what went wrong in it.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly List<string> _faults = [];
    private readonly IBrowserContext _context;

    internal OpenPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                Add(message.Text);
            }
        };
    }

    /// <summary>The page.</summary>
    internal IPage Page { get; }

    /// <summary>Records something that must not happen.</summary>
    internal void Add(string fault)
    {
        lock (_faults)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>No script failed, and nothing was asked for beyond the page.</summary>
    internal void AssertNoFault()
    {
        lock (_faults)
        {
            Assert.True(_faults.Count == 0, string.Join(Environment.NewLine, _faults));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
