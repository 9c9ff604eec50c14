using System.IO;
using System.Xml.Linq;
using CosmosBootAlloc.Tool.Testing;
using Xunit;

namespace CosmosBootAlloc.Tool.Tests;

/// <summary>The sum that <c>bootalloc test</c> prints.</summary>
public sealed class TestResultTests
{
    private const string Namespace = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    [Theory]
    [InlineData(5, 0, 0, "5 passed, 0 failed", true)]
    [InlineData(5, 1, 0, "5 passed, 1 failed", false)]
    [InlineData(5, 0, 2, "5 passed, 0 failed, 2 skipped", true)]
    [InlineData(0, 0, 0, "0 passed, 0 failed", false)]
    [InlineData(0, 0, 3, "0 passed, 0 failed, 3 skipped", false)]
    public void TheLastLine(int passed, int failed, int skipped, string line, bool good)
    {
        TestTotals totals = new(passed, failed, skipped);

        Assert.Equal(line, totals.ToString());
        Assert.Equal(good, totals.Good);
    }

    [Fact]
    public void ResultsAreCountedOneByOneAndWhatIsUnknownHasFailed()
    {
        TrxFile trx = Parse(Result("Passed"), Result("Passed"), Result("Failed"), Result("NotExecuted"), Result("Aborted"), Result(null));

        Assert.Equal(new TestTotals(2, 3, 1), trx.Totals);
        Assert.Equal(3, trx.Failures.Count);
        Assert.Equal("why", trx.Failures[0].Message);
        Assert.Equal("where", trx.Failures[0].Where);
        Assert.Equal("why", Assert.Single(trx.Skips).Message);
    }

    [Fact]
    public void WhatTestsPrintedIsKept()
    {
        TrxFile trx = Parse(Result("Passed", "a row\n"), Result("Failed", "another"), Result("NotExecuted", "skipped"), Result("Passed"));

        Assert.Equal(["a row", "another"], trx.Printed);
    }

    [Fact]
    public void ACrashOfTheTestHostIsSeen()
    {
        XNamespace ns = Namespace;
        TrxFile trx = Parse(Result("Passed"),
            new XElement(ns + "RunInfo", new XAttribute("outcome", "Error"), new XElement(ns + "Text", "Test host process crashed")));

        Assert.Equal(["Test host process crashed"], trx.Errors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<TestRun><Results>")]
    public void AHalfWrittenFileGivesNoResult(string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            Assert.Null(TrxFile.Load(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void AMissingFileGivesNoResult() => Assert.Null(TrxFile.Load("/nonexistent/results.trx"));

    private static TrxFile Parse(params XElement[] elements)
        => TrxFile.Parse(new XDocument(new XElement(XName.Get("TestRun", Namespace), elements)));

    private static XElement Result(string? outcome, string? printed = null)
    {
        XNamespace ns = Namespace;
        return new XElement(
            ns + "UnitTestResult",
            new XAttribute("testName", "a test"),
            outcome == null ? null : new XAttribute("outcome", outcome),
            new XElement(ns + "Output",
                printed == null ? null : new XElement(ns + "StdOut", printed),
                new XElement(ns + "ErrorInfo", new XElement(ns + "Message", "why"), new XElement(ns + "StackTrace", "where"))));
    }
}
