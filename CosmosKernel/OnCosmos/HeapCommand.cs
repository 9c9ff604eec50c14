using Cosmos.Core.Memory;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>heap alloc|realloc|free|collect|oom: Cosmos's own calls from the prompt, including invalid ones.</summary>
internal sealed unsafe class HeapCommand : Command
{
    private const uint PieceBytes = 100000;

    internal override string Name => "heap";

    internal override string Usage => "CALL [...]";

    internal override string Summary => "Cosmos's Heap.Alloc, Realloc, Free, Collect by hand";

    internal override string Details =>
        "    heap alloc 100          prints the address\n" +
        "    heap realloc 1a2b40 50  changes the size and keeps the content\n" +
        "    heap free 1a2b40        repeat it to try a double free\n" +
        "    heap collect            prints the objects freed and the free pages\n" +
        "    heap oom                calls Heap.Alloc until nothing is left\n";

    internal override void Run(ref CommandInput input)
    {
        uint address = 0;
        uint bytes = 0;
        if (input.Is(1, "alloc") && input.TryNumber(2, out bytes))
        {
            KernelState.Console->Print("%x: %d bytes\n", (uint)Heap.Alloc(bytes), bytes);
        }
        else if (input.Is(1, "realloc") && input.Words == 4 && input.TryHexadecimal(2, out address) && input.TryNumber(3, out bytes))
        {
            KernelState.Console->Print("%x: %d bytes\n", (uint)Heap.Realloc((byte*)address, bytes), bytes);
        }
        else if (input.Is(1, "free") && input.Words == 3 && input.TryHexadecimal(2, out address))
        {
            Heap.Free((void*)address);
            KernelState.Console->Print("%x: free\n", address);
        }
        else if (input.Is(1, "collect"))
        {
            uint freed = (uint)Heap.Collect();
            KernelState.Console->Print("heap: %d objects freed, %d pages free\n", freed, RAT.FreePageCount);
        }
        else if (input.Is(1, "oom"))
        {
            uint taken = 0;
            while (!Interruption.Wanted())
            {
                if (Heap.Alloc(PieceBytes) == null)
                {
                    KernelState.Console->Print("heap: null after %d pieces of %d bytes\n", taken, PieceBytes);
                    return;
                }

                taken++;
            }

            KernelState.Console->Print("heap: %d pieces of %d bytes taken\n", taken, PieceBytes);
        }
        else
        {
            KernelState.Console->Print(
                "heap: expected alloc BYTES, realloc ADDRESS BYTES, free ADDRESS, collect,\nor oom, as in 'heap alloc 100'\n");
        }
    }
}
