namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>memmap: a picture of physical memory.</summary>
internal sealed unsafe class MemMapCommand : Command
{
    internal override string Name => "memmap";

    internal override string Summary => "a map of physical memory, some pages per cell";

    internal override string Details =>
        "    In colours on the screen, in characters over the serial port; a cell shows what most of its used pages are.\n"
        + "    stress 100000 7 map    redraws it while it runs\n";

    internal override void Run(ref CommandInput input)
    {
        MemoryPicture.Print();
    }
}
