using System.Runtime;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Kernel.NativeAot.Linked;

/// <summary>
/// One variant under the names by which the kernel knows it. The only source of each variant's own assembly; "Variant" is the class that
/// Configs/*.props names.
/// </summary>
internal static unsafe class VariantExports
{
    [RuntimeExport("variant_name")]
    private static string Name() => Variant.Name;

    [RuntimeExport("variant_stages")]
    private static string Stages() => Variant.Stages;

    [RuntimeExport("variant_models")]
    private static string Models() => Variant.Models;

    // Nobody calls this: it makes the compiler keep the variant's Run. The linker gives that one the name variant_run, so that there is no
    // frame between the kernel and the variant.
    [RuntimeExport("variant_kept")]
    private static void Keep(BootState* boot) => Variant.Run(boot);
}
