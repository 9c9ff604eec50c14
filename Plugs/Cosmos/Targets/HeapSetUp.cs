using CosmosBootAlloc.Boot;
using CosmosBootAlloc.Boot.Cosmos;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Loader;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Plugs.Heaps;

namespace CosmosBootAlloc.Plugs.Targets;

/// <summary>
/// Where our boot hooks into Cosmos's. Order: start code -> Cosmos's multiboot parser -> <see cref="Run"/> in the place of
/// GCImplementation.Init -> type tables -> kernel object, Cosmos's drivers -> the kernel's BeforeRun and Run.
/// </summary>
internal static unsafe class HeapSetUp
{
    private const uint Sse2 = 1 << 26;

    // What the loader needs beside the image, found by trying.
    private const uint LoaderBytes = 3 * 1024 * 1024;

    private static bool s_done;

    /// <summary>
    /// Log, facts, the variant's chain, then Cosmos's own view of the memory. Interrupts are off; nothing may be called through a table of
    /// methods yet.
    /// </summary>
    internal static void Run()
    {
        if (s_done)
        {
            return;
        }

        s_done = true;
        KernelImage.MarkStack();
        BootSequence.StartLog();
        NeedSse2();
        Instructions.EnableSse();
        Multiboot2.Read(&KernelState.Memory->Physical, Cosmos.Core.Multiboot.Multiboot2.GetMBIAddress(), KernelState.Facts);
        NeedMap();
        BootSequence.RunChain(&Collector.Collect);
        KernelState.Boot->BeginStage();
        ManagedHeap.Start();
        PageTable.Start();
        KernelState.Log->Print(
            "bootalloc: stage name=cosmos ticks=%d heap_ready_ticks=%d\n", KernelState.Boot->StageTicks(), Clock.Ticks());
        Interrupts.MakeLines();
        HeapSmallPlug.Publish();
        BootSequence.ShowLog();
    }

    // Limine holds the file and a copy of it above the place where the image goes, and the boot information below them; on a machine with
    // too little memory the image is moved over that information, and what is left of it is zeros.
    private static void NeedMap()
    {
        MachineFacts* facts = KernelState.Facts;
        if (facts->MapCount == 0 && facts->UpperKilobytes == 0)
        {
            uint image = KernelImage.End() - KernelImage.TextStart();
            KernelState.Log->Panic(
                "Too little memory: the boot loader's information was overwritten while it moved this image of %d kB to %x; needed "
                    + "are %d MB of RAM",
                image >> 10, KernelImage.TextStart(), (KernelImage.End() + (2 * image) + LoaderBytes) >> 20);
        }
    }

    // What IL2CPU makes of floating point needs it, and so does our zeroing: better a word now than an invalid opcode later.
    private static void NeedSse2()
    {
        uint* registers = stackalloc uint[4];
        Cpu.Identify(1, registers);
        if ((registers[3] & Sse2) == 0)
        {
            KernelState.Log->Panic(
                "The CPU is too old: found signature %x without SSE2, needed is a Pentium 4, Athlon 64 or later; the images of "
                    + "toolchain nativeaot boot on a Pentium III",
                registers[0]);
        }
    }
}
