using System;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>What Linux's own code took for one operation of the case, in nanoseconds.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxAttribute(double nanoseconds) : Attribute
{
    /// <summary>Nanoseconds an operation.</summary>
    public double Nanoseconds { get; } = nanoseconds;
}

/// <summary>Shows <see cref="LinuxAttribute"/>; empty where Linux was not measured.</summary>
public sealed class LinuxColumn : IColumn
{
    /// <inheritdoc/>
    public string Id => nameof(LinuxColumn);

    /// <inheritdoc/>
    public string ColumnName => "Linux";

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => 0;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => "Linux's own C code at -O2 on another machine, ns an operation, for orientation";

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase) => GetValue(summary, benchmarkCase, SummaryStyle.Default);

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style)
    {
        LinuxAttribute? figure = benchmarkCase.Descriptor.WorkloadMethod.GetCustomAttribute<LinuxAttribute>();
        return figure == null ? "" : figure.Nanoseconds.ToString("N1", CultureInfo.InvariantCulture);
    }
}
