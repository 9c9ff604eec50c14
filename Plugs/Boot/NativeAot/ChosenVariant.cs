using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Boot.NativeAot;

/// <summary>
/// The variant, which is linked to the kernel: C# compiles the kernel once, whatever the variant. Each variant has a small assembly of its
/// own beside it that exports its names (CosmosKernel/NativeAot/Linked); the linker finds its Run.
/// </summary>
internal static unsafe class ChosenVariant
{
    /// <summary>As on the command line and in the boot line.</summary>
    internal static extern string Name
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("variant_name")]
        get;
    }

    /// <summary>The stages in order.</summary>
    internal static extern string Stages
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("variant_stages")]
        get;
    }

    /// <summary>What it reproduces.</summary>
    internal static extern string Models
    {
        [MethodImpl(MethodImplOptions.InternalCall)]
        [RuntimeImport("variant_models")]
        get;
    }

    /// <summary>Runs the stages in order.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("variant_run")]
    internal static extern void Run(BootState* boot);
}
