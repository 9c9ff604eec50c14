using System;
using System.Linq;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>
/// Machines on which a boot would say nothing about a variant, because what is below it cannot run there or cannot be told. They are left out by name
/// and reason: neither a good boot nor a bad one.
/// </summary>
public static class Unfit
{
    /// <summary>Bytes of RAM that a Cosmos kernel needs: its image, and as much again for the loader's copy of it.</summary>
    public const ulong LeastCosmosBytes = 48 * MachineOptions.MiB;

    // QEMU's and Bochs's names of CPUs without SSE2, which the code that IL2CPU makes uses.
    private static readonly string[] s_withoutSse2 =
        ["486", "pentium", "pentium2", "pentium3", "pentium_mmx", "amd_k6_2_chomper", "p2_klamath", "p3_katmai"];

    /// <summary>Why a variant is not booted on a machine; null when it is.</summary>
    public static string? Why(Toolchain toolchain, Variant variant, MatrixMachine machine)
    {
        if (toolchain != Toolchain.Cosmos)
        {
            return null;
        }

        if (machine.Machine.MemoryBytes < LeastCosmosBytes)
        {
            return $"a Cosmos kernel needs {LeastCosmosBytes / MachineOptions.MiB} MB of RAM";
        }

        string cpu = machine.Machine.Cpu?.Split(',')[0] ?? "";
        if (s_withoutSse2.Contains(cpu.Split('-')[0]))
        {
            return $"a Cosmos kernel needs SSE2, which {cpu} has not";
        }

        return variant.IsStock && machine.Options.Split(' ').Any(IsMemoryOption) ? "Cosmos's own heap knows no mem= and no memmap=" : null;
    }

    private static bool IsMemoryOption(string word)
        => word.StartsWith("mem=", StringComparison.Ordinal) || word.StartsWith("memmap=", StringComparison.Ordinal);
}
