namespace CosmosBootAlloc.Tool.Testing;

/// <summary>How many tests had which result.</summary>
public readonly record struct TestTotals(int Passed, int Failed, int Skipped)
{
    /// <summary>Every test that ran passed, and some did.</summary>
    public bool Good => Failed == 0 && Passed != 0;

    /// <summary>The sum of two.</summary>
    public static TestTotals operator +(TestTotals a, TestTotals b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);

    /// <summary>As in the last line of a test run.</summary>
    public override string ToString() => $"{Passed} passed, {Failed} failed{(Skipped == 0 ? "" : $", {Skipped} skipped")}";
}
