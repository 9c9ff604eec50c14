using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>What lies at an address, in a few words.</summary>
internal static unsafe class AddressReport
{
    /// <summary>Prints it, and ends the line.</summary>
    internal static void Print(uint address)
    {
        KernelLog* console = KernelState.Console;
        PageAllocator* pages = &KernelState.Memory->Pages;
        uint pfn = address >> PageSize.Shift;
        if (pfn >= pages->EndPfn)
        {
            console->Print("no RAM of the page allocator: it ends at %x\n", (ulong)pages->EndPfn << PageSize.Shift);
            return;
        }

        pages->ReturnRecent();
        PageState state = pages->StateOf(pfn, out uint head, out uint order);
        uint bytes = KernelState.Memory->Heap.OwnedBytes(pfn) | KernelState.Memory->Raw.OwnedBytes(pfn);
        if (state == PageState.Free)
        {
            console->Print("a free block of order %d from %x on\n", order, (ulong)head << PageSize.Shift);
        }
        else if (bytes != 0)
        {
            console->Print("a page of a heap, with objects of %d bytes\n", bytes);
        }
        else if (state == PageState.Allocated)
        {
            console->Print("a block of order %d that somebody took, from %x on\n", order, (ulong)head << PageSize.Shift);
        }
        else
        {
            Owner(console, pfn);
        }
    }

    private static void Owner(KernelLog* console, uint pfn)
    {
        BootBooks* books = &KernelState.Boot->Books;
        int owner = books->Claims.OwnerOf(pfn, pfn + 1, out uint _);
        if (owner == ClaimList.Nobody)
        {
            console->Print("no RAM\n");
            return;
        }

        NamedRange* claim = books->Claims.Get(owner);
        console->Print("'%s', reserved since boot\n", (uint)NamedRange.Name(claim));
    }
}
