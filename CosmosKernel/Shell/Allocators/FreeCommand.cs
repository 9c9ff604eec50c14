using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>free ADDRESS: gives back what alloc took.</summary>
internal sealed unsafe class FreeCommand : Command
{
    internal override string Name => "free";

    internal override string Usage => "ADDRESS";

    internal override string Summary => "gives back what alloc took";

    internal override string Details =>
        "    free 1a2b40        the address as alloc printed it, hexadecimal\n"
        + "    Any other is refused, with a word on what lies there; 'crash double-free' shows what the heap says.\n";

    internal override void Run(ref CommandInput input)
    {
        if (input.Words < 2 || !input.TryHexadecimal(1, out uint address) || address == 0)
        {
            KernelState.Console->Print("free: expected an address as alloc printed it, as in 'free 1a2b40'\n");
            return;
        }

        if (!GivenOut.Take(address))
        {
            KernelState.Console->Print("free: refused: %x is no address that alloc gave and free did not take.\nThere lies ", address);
            AddressReport.Print(address);
            return;
        }

        RawMemory.Free((void*)address);
        KernelState.Console->Print("%x: free\n", address);
    }
}
