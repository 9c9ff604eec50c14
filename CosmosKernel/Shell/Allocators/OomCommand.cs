using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>oom [objects]: runs the machine out of memory and shows what happens.</summary>
internal sealed unsafe class OomCommand : Command
{
    private const uint Site = 0x0033;
    private const int PieceBytes = 10000;

    private static bool s_toldLow;
    private static bool s_toldLast;

    internal override string Name => "oom";

    internal override string Usage => "[objects]";

    internal override string Summary => "takes all memory, gives it back; 'oom objects' panics";

    internal override string Details =>
        "    oom                raw memory until null: low-memory event, collections, last call; then all is given back\n"
        + "    oom objects        the same with 'new', which cannot say no: the kernel stops and says who asked\n";

    internal override string Choice(int index) => index == 0 ? "objects" : null;

    internal override void Run(ref CommandInput input)
    {
        uint free = KernelState.Memory->Pages.FreePageCount;
        uint events = Shortage.Events;
        uint collections = Shortage.Collections;
        LowMemory handler = Tell;
        s_toldLow = false;
        s_toldLast = false;
        Shortage.Subscribe(handler);
        if (input.Is(1, "objects"))
        {
            TakeObjects();
            Shortage.Unsubscribe(handler);
            return;
        }

        uint last = 0;
        uint count = 0;
        for (uint bytes = PieceBytes; bytes >= 8; bytes /= 2)
        {
            while (!Interruption.Wanted())
            {
                uint* memory = (uint*)RawMemory.Allocate(bytes, Site);
                if (memory == null)
                {
                    break;
                }

                *memory = last;
                last = (uint)memory;
                count++;
            }
        }

        uint left = KernelState.Memory->Pages.FreePageCount;
        while (last != 0)
        {
            uint before = *(uint*)last;
            RawMemory.Free((void*)last);
            last = before;
        }

        Shortage.Unsubscribe(handler);
        KernelState.Memory->Raw.Trim();
        KernelState.Memory->Slabs.Trim();
        KernelState.Console->Print(
            "oom: %d allocations, then %d kB free, reserve %d kB; %d events, %d collections\n", count, left << 2,
            Shortage.Reserve << 2, Shortage.Events - events, Shortage.Collections - collections);
        KernelState.Console->Print(
            "oom: all given back: %d kB free before, %d kB now\n", free << 2, KernelState.Memory->Pages.FreePageCount << 2);
    }

    private static void TakeObjects()
    {
        object[] last = null;
        while (!Interruption.Wanted())
        {
            object[] next = new object[PieceBytes / 4];
            next[0] = last;
            last = next;
        }
    }

    private static void Tell(uint freeKilobytes, bool last)
    {
        // Once each, however often the handlers are called.
        if (last && !s_toldLast)
        {
            s_toldLast = true;
            KernelState.Console->Print("oom: last call, %d kB free\n", freeKilobytes);
        }
        else if (!last && !s_toldLow)
        {
            s_toldLow = true;
            KernelState.Console->Print("oom: memory is low, %d kB free\n", freeKilobytes);
        }
    }
}
