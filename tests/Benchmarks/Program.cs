using System;
using System.Linq;
using System.Runtime.Versioning;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Order;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using CosmosBootAlloc.Benchmarks;
using Perfolizer.Horology;

[assembly: SupportedOSPlatform("linux")]

const string Short = "--short";
bool quick = args.Contains(Short);
Job job = Job.Default
    .WithToolchain(InProcessEmitToolchain.Instance)
    .WithWarmupCount(quick ? 1 : 4)
    .WithIterationCount(quick ? 3 : 10)
    .WithIterationTime(TimeInterval.FromMilliseconds(quick ? 30 : 150))
    .WithId(quick ? "short" : "full");
IConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .AddColumn(
        CategoriesColumn.Default,
        TargetMethodColumn.Method,
        StatisticColumn.Mean,
        StatisticColumn.StdDev,
        BaselineRatioColumn.RatioMean,
        new LinuxColumn())
    .WithOrderer(new DefaultOrderer(SummaryOrderPolicy.Declared, MethodOrderPolicy.Declared))
    .AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByCategory)
    .WithSummaryStyle(SummaryStyle.Default.WithTimeUnit(TimeUnit.Nanosecond).WithZeroMetricValuesInContent())
    .WithOptions(ConfigOptions.JoinSummary);
Summary[] summaries =
    [.. BenchmarkSwitcher.FromAssembly(typeof(LinuxColumn).Assembly).Run([.. args.Where(argument => argument != Short)], config)];
bool failed = summaries.Length == 0
    || summaries.Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success));
return failed ? 1 : 0;
