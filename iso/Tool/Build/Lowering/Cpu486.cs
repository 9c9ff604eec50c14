using System.Collections.Generic;
using System.Linq;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>What an 80486 without a floating point unit executes.</summary>
public static class Cpu486
{
    private static readonly HashSet<CpuidFeature> s_features =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
    ];

    /// <summary>True for an instruction that it has.</summary>
    public static bool Has(in Instruction instruction)
        => !instruction.IsInvalid && instruction.CpuidFeatures.All(s_features.Contains);

    /// <summary>True for the instructions that the kernel's assembler executes only after it found out that the CPU has them.</summary>
    public static bool IsAskedFor(in Instruction instruction) => instruction.Mnemonic is Mnemonic.Cpuid or Mnemonic.Rdtsc;
}
