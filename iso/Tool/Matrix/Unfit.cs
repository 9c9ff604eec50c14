using System;
using System.Linq;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Emulators;

namespace CosmosBootAlloc.Tool.Matrix;

/// <summary>
/// Machines on which a boot would tell nothing about a variant, because what is below it cannot run there or knows no such option. They
/// are left out by name and reason: neither good boots nor bad ones.
/// </summary>
public static class Unfit
{
    // RAM needed above an image. Measured with GRUB: an image that ends at 37.6 MiB boots with 40 MB and not with 38, one that ends at
    // 7.1 MiB with 10.
    private const ulong AboveBytes = 2 * MachineOptions.MiB;

    // QEMU's and Bochs's names of CPUs without SSE2.
    private static readonly string[] s_withoutSse2 =
        ["486", "pentium", "pentium2", "pentium3", "pentium_mmx", "amd_k6_2_chomper", "p2_klamath", "p3_katmai"];

    /// <summary>Bytes of RAM that a kernel with a large image needs, a multiple of 1 MiB: up to its end and a little more.</summary>
    public static ulong Least(KernelFile kernel) => WholeMegabytes(kernel.End + AboveBytes) * MachineOptions.MiB;

    /// <summary>Why a variant is not booted on a machine; null when it is.</summary>
    public static string? Why(BuiltVariant built, NamedMachine machine)
        => Why(built.Variant, built.Toolchain, built.Toolchain.HasLargeImage ? KernelFile.Read(built.Kernel) : null, machine);

    /// <summary>Why a kernel is not booted on a machine; null when it is.</summary>
    /// <param name="variant">The kernel's variant.</param>
    /// <param name="toolchain">What built it.</param>
    /// <param name="kernel">Its file; null when every machine has RAM enough for its image.</param>
    /// <param name="machine">The machine.</param>
    public static string? Why(Variant variant, Toolchain toolchain, KernelFile? kernel, NamedMachine machine)
    {
        if (kernel != null && machine.Machine.MemoryBytes < Least(kernel))
        {
            return $"its image ends at {WholeMegabytes(kernel.End)} MB: it needs {Least(kernel) / MachineOptions.MiB} MB of RAM";
        }

        if (toolchain.UnfitMachineTypes.TryGetValue(machine.Machine.Type, out string? reason))
        {
            return reason;
        }

        if (toolchain.NeedsSse2 && !machine.Machine.Emulator.Can.Sse2)
        {
            return $"its kernel needs SSE2, which {machine.Machine.Emulator.Name}'s CPUs lack";
        }

        string cpu = machine.Machine.Cpu?.Split(',')[0] ?? "";
        if (toolchain.NeedsSse2 && s_withoutSse2.Contains(cpu.Split('-')[0]))
        {
            return $"its kernel needs SSE2, which {cpu} lacks";
        }

        return variant.IsStock && machine.KernelOptions.Split(' ').Any(IsMemoryOption)
            ? "Cosmos's own heap ignores mem= and memmap="
            : null;
    }

    private static ulong WholeMegabytes(ulong bytes) => (bytes + MachineOptions.MiB - 1) / MachineOptions.MiB;

    private static bool IsMemoryOption(string word)
        => word.StartsWith("mem=", StringComparison.Ordinal) || word.StartsWith("memmap=", StringComparison.Ordinal);
}
