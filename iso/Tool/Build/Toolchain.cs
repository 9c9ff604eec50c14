using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Needs;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Build;

/// <summary>
/// How C# becomes a kernel, and what the rest of the tool has to know about the kernels that come out. One class per toolchain; <see
/// cref="All"/> is the list to add another one to.
/// </summary>
public abstract class Toolchain
{
    /// <summary>Microsoft's NativeAOT compiler with Debian's binutils and nasm: the embedded default.</summary>
    public static Toolchain NativeAot { get; } = new NativeAotToolchain();

    /// <summary>IL2CPU with the Cosmos gen2 packages; needs the Cosmos kit on the host.</summary>
    public static Toolchain Cosmos { get; } = new CosmosToolchain();

    /// <summary>Every toolchain, the default first.</summary>
    public static IReadOnlyList<Toolchain> All { get; } = [NativeAot, Cosmos];

    /// <summary>As on the command line and in the boot line of the log.</summary>
    public abstract string Name { get; }

    /// <summary>A few words for the help text.</summary>
    public abstract string Description { get; }

    /// <summary>What follows a variant's name in file names: nothing for the default toolchain.</summary>
    public string Suffix => this == All[0] ? "" : "-" + Name;

    /// <summary>From C# to a bootable image.</summary>
    public abstract IReadOnlyList<Need> Needs { get; }

    /// <summary>
    /// The kernel has a multiboot 1 header: old loaders and QEMU's own can load it. Every kernel has a multiboot 2 header.
    /// </summary>
    public virtual bool HasMultiboot1 => true;

    /// <summary>The toolchain makes the image itself, with its own loader; other images are made here, with GRUB.</summary>
    public virtual bool MakesOwnImage => false;

    /// <summary>The kernels are so small that all of them fit into one image, even a floppy's.</summary>
    public virtual bool HasCombinedImages => false;

    /// <summary>The kernel executes SSE2 instructions.</summary>
    public virtual bool NeedsSse2 => false;

    /// <summary>The image is so large that RAM must be checked against its end before a boot.</summary>
    public virtual bool HasLargeImage => false;

    /// <summary>Machine types on which the kernel never boots, each with the reason.</summary>
    public virtual IReadOnlyDictionary<string, string> UnfitMachineTypes { get; } = new Dictionary<string, string>();

    /// <summary>The longest that a boot of the matrix may take.</summary>
    public virtual TimeSpan BootLimit => TimeSpan.FromMinutes(4);

    /// <summary>The longest that a boot with self-test and benchmark may take, with instructions as the clock.</summary>
    public virtual TimeSpan BenchLimit => TimeSpan.FromMinutes(5);

    /// <summary>Checks for what <see cref="Needs"/> does not cover and the tool cannot install.</summary>
    /// <exception cref="MissingToolException">It is not on this host.</exception>
    public virtual void Require()
    {
    }

    /// <summary>The image of a variant.</summary>
    public string ImageOf(ProjectFolder project, Variant variant) => project.At("iso", "out", $"bootalloc-{variant.Name}{Suffix}.iso");

    /// <summary>
    /// Builds the kernels of several variants that are missing or out of date, where that takes less time than one after the other;
    /// <see cref="BuildAsync"/> does the rest. The caller holds the build lock.
    /// </summary>
    /// <exception cref="MissingToolException">Something needed is not installed.</exception>
    /// <exception cref="FailedException">The build reports errors; they are in the message.</exception>
    public virtual Task BuildKernelsAsync(
        ProjectFolder project, InstalledPrograms programs, IReadOnlyList<Variant> variants, CancellationToken cancel)
        => Task.CompletedTask;

    /// <summary>
    /// Builds whatever is missing or out of date of a variant; nothing runs when nothing changed. The caller holds the build lock.
    /// </summary>
    /// <exception cref="MissingToolException">Something needed is not installed.</exception>
    /// <exception cref="FailedException">The build reports errors; they are in the message.</exception>
    public abstract Task<BuiltVariant> BuildAsync(
        ProjectFolder project, InstalledPrograms programs, Variant variant, CancellationToken cancel);

    /// <summary>The toolchain with that name, or null.</summary>
    public static Toolchain? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    /// <summary>The toolchain with that name, if this host has it.</summary>
    /// <exception cref="MissingToolException">It is not installed, or only a part of it.</exception>
    /// <exception cref="BadInputException">There is none with that name.</exception>
    public static Toolchain Named(string name)
    {
        Toolchain toolchain = Find(name) ?? throw new BadInputException($"toolchain: expected {Choices}, found '{name}'");
        toolchain.Require();
        return toolchain;
    }

    /// <summary>The names, for messages.</summary>
    public static string Choices => string.Join(" or ", All.Select(t => t.Name));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
