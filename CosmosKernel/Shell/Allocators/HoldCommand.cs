using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>hold BYTES: holds that much of the raw heap, in pieces, until the next hold; shows how a full machine behaves.</summary>
internal sealed unsafe class HoldCommand : Command
{
    private const uint PieceBytes = 64 * 1024;
    private const uint Site = 0x401d;

    /// <summary>The pieces, each pointing at the one before in its first word.</summary>
    private static uint s_last;

    internal override string Name => "hold";

    internal override string Usage => "BYTES";

    internal override string Summary => "holds memory in 64 KiB pieces; 'hold 0' returns it";

    internal override string Details =>
        "    hold 20M           20 MiB more\n    hold 0             nothing any more\n    memmap             shows where it lies\n";

    internal override void Run(ref CommandInput input)
    {
        if (!input.TryNumber(1, out uint bytes))
        {
            KernelState.Console->Print("hold: expected a size, as in 'hold 20M' or 'hold 0'\n");
            return;
        }

        uint pieces = 0;
        if (bytes == 0)
        {
            while (s_last != 0)
            {
                uint before = *(uint*)s_last;
                RawMemory.Free((void*)s_last);
                s_last = before;
                pieces++;
            }

            KernelState.Console->Print(
                "hold: %d kB given back; %d kB are free\n", pieces * (PieceBytes >> 10), KernelState.Memory->Pages.FreePageCount << 2);
            return;
        }

        uint wanted = ((bytes - 1) / PieceBytes) + 1;
        for (; pieces < wanted && !Interruption.Wanted(); pieces++)
        {
            uint* memory = (uint*)RawMemory.Allocate(PieceBytes, Site);
            if (memory == null)
            {
                break;
            }

            *memory = s_last;
            s_last = (uint)memory;
        }

        KernelState.Console->Print(
            "hold: %d of %d kB; %d kB are free\n", pieces * (PieceBytes >> 10), wanted * (PieceBytes >> 10),
            KernelState.Memory->Pages.FreePageCount << 2);
    }
}
