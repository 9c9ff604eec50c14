using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml;
using System.Xml.Linq;

namespace CosmosBootAlloc.Tool.Testing;

/// <summary>One test that failed, or was skipped.</summary>
/// <param name="Name">The test's full name.</param>
/// <param name="Message">Why, in the words of the test.</param>
/// <param name="Where">The stack trace; empty for none.</param>
public sealed record TestRemark(string Name, string Message, string Where);

/// <summary>The results of one test project, from the file that 'dotnet test' writes.</summary>
public sealed class TrxFile
{
    private TrxFile(TestTotals totals, IReadOnlyList<TestRemark> failures, IReadOnlyList<TestRemark> skips, IReadOnlyList<string> errors,
        IReadOnlyList<string> printed)
    {
        Totals = totals;
        Failures = failures;
        Skips = skips;
        Errors = errors;
        Printed = printed;
    }

    /// <summary>The figures.</summary>
    public TestTotals Totals { get; }

    /// <summary>Tests that failed.</summary>
    public IReadOnlyList<TestRemark> Failures { get; }

    /// <summary>Tests that were skipped, with the reason.</summary>
    public IReadOnlyList<TestRemark> Skips { get; }

    /// <summary>What went wrong outside the tests, such as a crash of the test host.</summary>
    public IReadOnlyList<string> Errors { get; }

    /// <summary>What tests printed, passed and failed ones, one text a test.</summary>
    public IReadOnlyList<string> Printed { get; }

    /// <summary>Reads a file; null when it is missing or unreadable (the test host died while writing).</summary>
    public static TrxFile? Load(string file)
    {
        try
        {
            return Parse(XDocument.Load(file));
        }
        catch (Exception error) when (error is IOException or XmlException)
        {
            return null;
        }
    }

    /// <summary>Reads a document.</summary>
    public static TrxFile Parse(XDocument document)
    {
        List<XElement> results = [.. Elements(document, "UnitTestResult")];
        List<TestRemark> skips = [];
        List<TestRemark> failures = [];
        int passed = 0;
        foreach (XElement result in results)
        {
            switch ((string?)result.Attribute("outcome"))
            {
                case "Passed":
                    passed++;
                    break;
                case "NotExecuted":
                    skips.Add(Remark(result));
                    break;
                default:
                    // Failed, Aborted, Timeout, Error, or no outcome: anything neither passed nor skipped has failed.
                    failures.Add(Remark(result));
                    break;
            }
        }

        List<string> errors =
        [
            .. Elements(document, "RunInfo")
                .Where(i => (string?)i.Attribute("outcome") == "Error")
                .Select(i => i.Value.Trim()),
        ];
        List<string> printed =
        [
            .. results.Where(r => (string?)r.Attribute("outcome") != "NotExecuted")
                .Select(r => r.Descendants().FirstOrDefault(e => e.Name.LocalName == "StdOut")?.Value.Trim() ?? "")
                .Where(t => t.Length != 0),
        ];
        return new TrxFile(new TestTotals(passed, failures.Count, skips.Count), failures, skips, errors, printed);
    }

    private static TestRemark Remark(XElement result)
    {
        string Text(string name) => result.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim() ?? "";

        string message = Text("Message");
        string name = (string?)result.Attribute("testName") ?? "a test without a name";
        return new TestRemark(name, message.Length == 0 ? Text("StdOut") : message, Text("StackTrace"));
    }

    private static IEnumerable<XElement> Elements(XDocument document, string name)
        => document.Descendants().Where(e => e.Name.LocalName == name);
}
