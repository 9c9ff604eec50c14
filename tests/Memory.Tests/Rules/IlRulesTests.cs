using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Memory.Stages;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>The memory code keeps to what every compiler of a kernel can do; and the check can tell.</summary>
public sealed class IlRulesTests
{
    private static readonly string s_tests = typeof(IlRulesTests).Assembly.Location;
    private static readonly string s_memory = Path.Combine(Path.GetDirectoryName(s_tests)!, "CosmosBootAlloc.Memory.dll");

    public static TheoryData<string, string> Samples() => new()
    {
        { nameof(RuleSamples.VirtualCall), nameof(IlRule.VirtualCall) },
        { nameof(RuleSamples.VirtualCallConstrained), nameof(IlRule.VirtualCall) },
        { nameof(RuleSamples.VirtualCallConstrained), nameof(IlRule.InterfaceCall) },
        { nameof(RuleSamples.IShape), nameof(IlRule.InterfaceType) },
        { nameof(RuleSamples.InterfaceImplementation), nameof(IlRule.InterfaceType) },
        { nameof(RuleSamples.Boxing), nameof(IlRule.Box) },
        { nameof(RuleSamples.NewObject), nameof(IlRule.NewObject) },
        { nameof(RuleSamples.NewArray), nameof(IlRule.NewArray) },
        { nameof(RuleSamples.ArrayAccess), nameof(IlRule.ObjectOperation) },
        { nameof(RuleSamples.Cast), nameof(IlRule.ObjectOperation) },
        { nameof(RuleSamples.Throwing), nameof(IlRule.ThrowOrTry) },
        { nameof(RuleSamples.Throwing), nameof(IlRule.NewObject) },
        { nameof(RuleSamples.Catching), nameof(IlRule.ThrowOrTry) },
        { nameof(RuleSamples.DelegateOfInstance), nameof(IlRule.Delegate) },
        { nameof(RuleSamples.DelegateOfInstance), nameof(IlRule.NewObject) },
        { nameof(RuleSamples.Overflow), nameof(IlRule.OverflowCheck) },
        { nameof(RuleSamples.SignedDivision), nameof(IlRule.SignedWideArithmetic) },
        { nameof(RuleSamples.SignedRemainder), nameof(IlRule.SignedWideArithmetic) },
        { nameof(RuleSamples.SignedShift), nameof(IlRule.SignedWideArithmetic) },
        { nameof(RuleSamples.DivisionByVariable), nameof(IlRule.WideDivision) },
        { nameof(RuleSamples.RemainderByLargeConstant), nameof(IlRule.WideDivision) },
        { nameof(RuleSamples.DivisionByOneOfTwoConstants), nameof(IlRule.WideDivision) },
        { nameof(RuleSamples.FloatingConversion), nameof(IlRule.FloatingPoint) },
        { nameof(RuleSamples.FloatingDivision), nameof(IlRule.FloatingPoint) },
        { nameof(RuleSamples.FloatingField), nameof(IlRule.FloatingPoint) },
        { nameof(RuleSamples.OutsideCall), nameof(IlRule.OutsideCall) },
        { nameof(RuleSamples.OutsideConstructor), nameof(IlRule.NewObject) },
        { nameof(RuleSamples.StaticField), nameof(IlRule.StaticField) },
        { nameof(RuleSamples.IgnoredResult), nameof(IlRule.IgnoredResult) },
    };

    [Fact]
    public void TheMemoryCodeKeepsTheRules()
    {
        List<IlViolation> violations = IlRules.Check(s_memory);
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
    }

    [Fact]
    public void TheCheckReadsTheWholeMemoryAssembly()
    {
        // Expect as many bodies as reflection sees, so that nothing is passed over in silence.
        int bodies = 0;
        foreach (Type type in typeof(MachineMemory).Assembly.GetTypes())
        {
            const System.Reflection.BindingFlags all =
                System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static
                | System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.DeclaredOnly;
            bodies += type.GetMethods(all).Count(method => method.GetMethodBody() != null) + type.GetConstructors(all).Count(
                method => method.GetMethodBody() != null);
        }

        Assert.True(bodies > 100);
        Assert.Equal(bodies, IlRules.CountMethods(s_memory));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void ABrokenRuleIsFound(string sample, string rule)
    {
        // Expect the rule by name, at a place inside the sample.
        string place = $"{typeof(RuleSamples).FullName}/{sample}";
        List<IlViolation> violations = IlRules.Check(s_tests, typeof(RuleSamples).FullName);
        Assert.Contains(
            violations,
            violation => violation.Rule.ToString() == rule && violation.Place.StartsWith(place, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryRuleHasASample()
    {
        IEnumerable<string> covered = Samples().Select(row => row.Data.Item2).Distinct();
        Assert.Equal(Enum.GetNames<IlRule>().Order(), covered.Order());
    }

    [Fact]
    public void AnInstructionIsNamedWithMethodAndOffset()
    {
        IlViolation violation = Assert.Single(
            IlRules.Check(s_tests, typeof(RuleSamples).FullName),
            v => v.Place.Contains("/SignedShift::", StringComparison.Ordinal));
        Assert.Matches(
            @"^SignedWideArithmetic: .*RuleSamples/SignedShift::Run IL_[0-9a-f]{4}: shr of signed 64-bit numbers$",
            violation.ToString());
    }

    [Fact]
    public void WhatIsAllowedIsNotReported()
    {
        List<IlViolation> violations = IlRules.Check(s_tests, typeof(AllowedSamples).FullName);
        Assert.True(violations.Count == 0, string.Join(Environment.NewLine, violations));
    }
}
