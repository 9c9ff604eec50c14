using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Memory.Firmware;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// First stage of every variant: the firmware's map, cleaned up, with the command line's changes; then what the chain is answerable
/// for is written down (<see cref="UsableRam"/>), and the first page and the ISA hole are taken out.
/// </summary>
public static unsafe class E820Stage
{
    /// <summary>Less usable RAM than this, in KiB, is refused: what a machine of 4 MB has when its firmware took some.</summary>
    public const ulong LeastUsableKilobytes = 3 * 1024;

    /// <summary>Runs the stage. A machine without a map, or with too little RAM, is refused with a message.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        E820Map* map = &boot->Memory->Map;
        map->Init(boot->Log);
        TakeFirmwareMap(boot);
        bool usable = map->SanitizeFirmware();
        if (!usable)
        {
            RefuseUnlessSizesAreKnown(boot);
        }

        map->SetUp(usable);
        ApplyOptions(boot);
        map->FinishOptions();
        TakeUsableRam(boot);
        Refuse(boot);
        ReportImageOutsideRam(boot);
        ProbeRam(boot);
        map->TrimBios();
        ReportLoss(boot);
        ulong endPfn = map->EndOfRam();
        if (boot->Books.Ram.BytesAboveLimit != 0)
        {
            endPfn = map->EndOfLowRam();
        }

        boot->EndPfn = (uint)endPfn;
        ulong ticks = boot->StageTicks();
        HolderLog.LogRam(&boot->Books);
        boot->Log->Print(
            "bootalloc: stage name=e820 entries=%d usable_kb=%d ticks=%d usable_pages=%d above_4g_kb=%d\n",
            (ulong)map->Count,
            boot->Books.Ram.Bytes >> 10,
            ticks,
            boot->Books.Ram.Pages,
            boot->Books.Ram.BytesAboveLimit >> 10);
    }

    private static void TakeFirmwareMap(BootState* boot)
    {
        MachineFacts* facts = boot->Facts;
        E820Map* map = &boot->Memory->Map;
        if (facts->MapCount == 0 && facts->UpperKilobytes == 0 && facts->ExtendedKilobytes == 0)
        {
            boot->Log->Panic(
                "No memory map: found neither e820 entries nor a size above 1 MiB from the boot loader, needed one of them; boot"
                    + " with GRUB 2 or QEMU -kernel");
            return;
        }

        for (int i = 0; i < facts->MapCount; i++)
        {
            map->AddFirmware(facts->MapStart(i), facts->MapSize(i), facts->MapType(i));
        }

        if (facts->MapDropped != 0)
        {
            boot->Log->Print(
                "The firmware's map has %d entries beyond the %d that are kept; %d kB of RAM in them are lost\n",
                (ulong)facts->MapDropped,
                MachineFacts.MapCapacity,
                facts->MapDroppedRam >> 10);
        }

        map->SetOlderCalls((uint)facts->UpperKilobytes, (uint)facts->ExtendedKilobytes);
    }

    // Linux goes on with sizes that nobody gave, 0 kB. The user's own map may still come.
    private static void RefuseUnlessSizesAreKnown(BootState* boot)
    {
        if (boot->Facts->UpperKilobytes == 0 && boot->Facts->ExtendedKilobytes == 0 && !boot->Options.Has(KernelOption.MemMap))
        {
            boot->Log->Panic(
                "The firmware's map is of no use: entries that count: found %d, needed at least 2, none past 2^64, and no older size"
                    + " is known; boot with GRUB 2, or give a map with memmap=exactmap memmap=SIZE@START",
                (ulong)boot->Memory->Map.Firmware.Count);
        }
    }

    // The loader put it there all the same: the map may be wrong, or a chip set's hole is not a hole.
    private static void ReportImageOutsideRam(BootState* boot)
    {
        uint first = (uint)PageSize.PfnDown(boot->Facts->TextStart);
        uint end = (uint)PageSize.PfnUp(boot->Facts->ImageEnd);
        for (int i = 0; i < boot->Books.Ram.Count; i++)
        {
            if (boot->Books.Ram.FirstPfn(i) <= first && end <= boot->Books.Ram.LastPfn(i))
            {
                return;
            }
        }

        boot->Log->Print(
            "The kernel image [%x-%x] does not lie in one range of usable RAM of this map; check the map, mem=, and memmap=\n",
            boot->Facts->TextStart,
            boot->Facts->ImageEnd - 1);
    }

    private static void ReportLoss(BootState* boot)
    {
        if (boot->Memory->Map.RamLost != 0)
        {
            boot->Log->Print(
                "The map is full with %d entries; %d kB of RAM found no room in it and are lost\n",
                (ulong)boot->Memory->Map.Table.Capacity,
                boot->Memory->Map.RamLost >> 10);
        }
    }

    private static void ApplyOptions(BootState* boot)
    {
        int at = 0;
        bool given = false;
        while (true)
        {
            KernelOption option = boot->Options.NextValue(ref at, out byte* value);
            if (option == KernelOption.Mem)
            {
                given |= ApplyMem(boot, value);
            }
            else if (option == KernelOption.MemMap)
            {
                given |= ApplyMemMaps(boot, value);
            }
            else if (option == KernelOption.None)
            {
                break;
            }
        }

        // Linux's panic that follows does not say why.
        if (given && boot->Memory->Map.Count < 2)
        {
            boot->Log->Print(
                "mem= and memmap= leave %d entries in the map, needed are at least 2: RAM below 640 KiB and RAM above 1 MiB\n",
                (ulong)boot->Memory->Map.Count);
        }
    }

    private static bool ApplyMem(BootState* boot, byte* value)
    {
        if (BootOptions.IsMem(value))
        {
            return BootOptions.ApplyMem(&boot->Memory->Map, value);
        }

        boot->Log->Text("Bad value in 'mem=");
        boot->Log->Bytes(value, 0);
        boot->Log->Text("' ignored: expected a size such as 64M, 65536K or 0x4000000");
        boot->Log->Print(Has(value, '@') ? "; RAM in a place of its own is memmap=SIZE@START\n" : "\n");
        return false;
    }

    // One memmap= may hold several, with commas between.
    private static bool ApplyMemMaps(BootState* boot, byte* value)
    {
        bool given = false;
        while (true)
        {
            byte* end = value;
            while (*end != 0 && *end != ',')
            {
                end++;
            }

            byte separator = *end;
            *end = 0;
            if (BootOptions.TryMemMap(&boot->Memory->Map, value, true))
            {
                given = true;
            }
            else
            {
                boot->Log->Text("Bad value in 'memmap=");
                boot->Log->Bytes(value, 0);
                boot->Log->Text(
                    "' ignored: expected exactmap, SIZE, SIZE@START (RAM), SIZE#START (ACPI), SIZE$START (reserved) or"
                        + " SIZE!START (persistent)");
                boot->Log->Print(
                    Has(value, '\\') ? "; the backslash is for GRUB's configuration file only, leave it out\n" : "\n");
            }

            *end = separator;
            if (separator == 0)
            {
                return given;
            }

            value = end + 1;
        }
    }

    private static bool Has(byte* text, char wanted)
    {
        while (*text != 0 && *text != wanted)
        {
            text++;
        }

        return *text != 0;
    }

    private static void TakeUsableRam(BootState* boot)
    {
        E820Map* map = &boot->Memory->Map;
        for (int i = 0; i < map->Count; i++)
        {
            if (!map->IsRam(i))
            {
                continue;
            }

            ulong end = map->End(i);
            boot->Books.Ram.Add(map->Start(i), end);
            if (end > PcMap.AddressLimit)
            {
                ulong start = map->Start(i) > PcMap.AddressLimit ? map->Start(i) : PcMap.AddressLimit;
                boot->Log->Print(
                    "RAM above 4 GiB left alone: %016x - %016x, %d MB that a 32-bit kernel does not reach\n",
                    start,
                    end,
                    (end - start) >> 20);
            }
        }
    }

    // A map may promise RAM that is not there (memmap= can). The last word of each range is asked; it keeps its content.
    private static void ProbeRam(BootState* boot)
    {
        UsableRam* ram = &boot->Books.Ram;
        for (int i = 0; i < ram->Count; i++)
        {
            uint endPfn = ram->LastPfn(i);
            if (endPfn == ram->FirstPfn(i))
            {
                continue;
            }

            ulong address = ((ulong)endPfn << PageSize.Shift) - sizeof(uint);
            uint* word = (uint*)boot->Memory->Physical.At(address);
            uint before = *word;
            *word = ~before;
            uint found = Read(word);
            *word = before;
            if (found != ~before)
            {
                boot->Log->Panic(
                    "No RAM at %x where the map says so: wrote %x, found %x; check memmap=, or the memory modules",
                    address,
                    ~before,
                    found);
                return;
            }
        }
    }

    // Not inlined: the compiler must not answer from what was just written.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint Read(uint* word) => *word;

    private static void Refuse(BootState* boot)
    {
        ulong kilobytes = boot->Books.Ram.Bytes >> 10;
        ulong above = boot->Books.Ram.BytesAboveLimit;
        if (kilobytes < LeastUsableKilobytes && above != 0)
        {
            boot->Log->Panic(
                "Too little memory: found %d kB usable below 4 GiB and %d MB above, where a 32-bit kernel does not reach, needed %d kB"
                    + " below; use a machine with its RAM below, or check mem= and memmap=",
                kilobytes,
                above >> 20,
                LeastUsableKilobytes);
        }
        else if (kilobytes < LeastUsableKilobytes)
        {
            boot->Log->Panic(
                "Too little memory: found %d kB usable below 4 GiB, needed %d kB; use a machine of 4 MB or more, or check mem= and memmap=",
                kilobytes,
                LeastUsableKilobytes);
        }
    }
}
