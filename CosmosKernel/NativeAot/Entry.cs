using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.NativeAot.Runtime;
using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.NativeAot;

/// <summary>The first C# that runs; called by Boot/boot.asm.</summary>
internal static unsafe class Entry
{
    /// <summary>Never returns.</summary>
    /// <param name="magic">The loader protocol's magic number.</param>
    /// <param name="information">Physical address of its boot information.</param>
    /// <param name="module">The compiler's tables for this module.</param>
    [RuntimeExport("kmain")]
    private static void KernelMain(uint magic, uint information, ReadyToRunHeader* module)
    {
        // A frame of its own: the loader's addresses and the boot's times must not stay on the stack, where the collector looks
        // for references.
        Start(magic, information, module);
        Collector.WipeDeadStack();
        Boot.RunShell(new Command[0]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Start(uint magic, uint information, ReadyToRunHeader* module)
    {
        BootSequence.StartLog();
        Interrupts.Init();
        ReadLoader(magic, information);
        BootSequence.RunChain(&Collector.Collect);
        BootSequence.ShowLog();
        Startup.AttachStatics(module);
        Boot.RunTests();
    }

    [RuntimeExport("OnUnwind")]
    private static void OnUnwind() => Fatal.Stop("an exception was thrown; nothing unwinds in this kernel");

    private static void ReadLoader(uint magic, uint information)
    {
        if (magic == Multiboot2.Magic)
        {
            Multiboot2.Read(&KernelState.Memory->Physical, information, KernelState.Facts);
        }
        else if (magic == Multiboot1.Magic)
        {
            Multiboot1.Read(&KernelState.Memory->Physical, information, KernelState.Facts);
        }
        else
        {
            KernelState.Log->Panic(
                "Unknown boot loader: found eax=%08x, needed multiboot 1 (%08x) or 2 (%08x); start the image with GRUB or QEMU -kernel",
                magic, Multiboot1.Magic, Multiboot2.Magic);
        }
    }

    private static void Main()
    {
    }
}
