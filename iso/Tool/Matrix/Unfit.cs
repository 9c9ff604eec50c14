using System;
using System.Linq;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>
/// Machines on which a boot would say nothing about a variant, because what is below it cannot run there or cannot be told. They are left out by name
/// and reason: neither a good boot nor a bad one.
/// </summary>
public static class Unfit
{
    // What is needed above an image. Measured with GRUB: an image that ends at 37.6 MiB boots with 40 MB and not with 38, one that ends at 7.1 MiB with 10.
    private const ulong AboveBytes = 2 * MachineOptions.MiB;

    // QEMU's and Bochs's names of CPUs without SSE2, which the code that IL2CPU makes uses.
    private static readonly string[] s_withoutSse2 =
        ["486", "pentium", "pentium2", "pentium3", "pentium_mmx", "amd_k6_2_chomper", "p2_klamath", "p3_katmai"];

    /// <summary>Bytes of RAM that a Cosmos kernel needs, a multiple of 1 MiB: up to its image's end and a little more.</summary>
    public static ulong Least(KernelFile kernel) => (kernel.End + AboveBytes + MachineOptions.MiB - 1) / MachineOptions.MiB * MachineOptions.MiB;

    /// <summary>Why a variant is not booted on a machine; null when it is.</summary>
    public static string? Why(BuiltVariant built, MatrixMachine machine)
        => built.Toolchain == Toolchain.Cosmos ? Why(built.Variant, KernelFile.Read(built.Kernel), machine) : null;

    /// <summary>Why a Cosmos kernel is not booted on a machine; null when it is.</summary>
    public static string? Why(Variant variant, KernelFile kernel, MatrixMachine machine)
    {
        if (machine.Machine.MemoryBytes < Least(kernel))
        {
            return $"its image ends at {(kernel.End + MachineOptions.MiB - 1) / MachineOptions.MiB} MB: it needs {Least(kernel) / MachineOptions.MiB} MB of RAM";
        }

        // The screen's last line is "Starting ACPI", with Cosmos's own heap as with ours.
        if (machine.Machine is { Emulator: EmulatorKind.Qemu, Type: "q35" })
        {
            return "Cosmos's ACPI driver never ends on QEMU's q35, with any heap";
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
