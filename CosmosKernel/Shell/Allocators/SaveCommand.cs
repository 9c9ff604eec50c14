using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Disks;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>save [DISK]: writes the kernel log into BOOTLOG.TXT on a floppy or an installed disk, to be read on another machine.</summary>
internal sealed unsafe class SaveCommand : Command
{
    private const string Floppy = "fd0";
    private const int ChunkBytes = SectorDevice.MostSectors * SectorDevice.SectorBytes;
    private const uint Site = 0x5a7e;

    internal override string Name => "save";

    internal override string Usage => "[DISK]";

    internal override string Summary => "writes the log into BOOTLOG.TXT of our floppy or disk";

    internal override string Details =>
        "    save               to the first place that has it: drive A:, then hda to hdd\n"
            + "    save fd0           to the floppy in drive A:\n"
            + "    Read it with './bootalloc logs IMAGE' on the machine that built the image, or with any editor under DOS\n";

    internal override string Choice(int index) => index == 0 ? Floppy : index <= AtaDisk.Places ? DiskNames.Name(index - 1) : null;

    internal override void Run(ref CommandInput input)
    {
        bool any = input.Words < 2;
        bool known = any;
        if (any || input.Is(1, Floppy))
        {
            known = true;
            if (TryFloppy(explain: !any))
            {
                return;
            }
        }

        for (int place = 0; place < AtaDisk.Places; place++)
        {
            if (any || input.Is(1, DiskNames.Name(place)))
            {
                known = true;
                if (TryDisk(place, explain: !any))
                {
                    return;
                }
            }
        }

        if (any)
        {
            KernelState.Console->Print(
                "save: found no BOOTLOG.TXT: our floppy in drive A: has it, and a disk that\n"
                    + "'install' wrote, not a CD or a USB stick. 'save fd0' or 'save hda' says more\n");
        }
        else if (!known)
        {
            KernelState.Console->Print("save: expected fd0, hda, hdb, hdc, or hdd, found '%s'\n", (uint)input.Word(1));
        }
    }

    // True when the outcome was told, good or bad: no other place is to be tried.
    private static bool TryFloppy(bool explain)
    {
        FloppyDrive drive = new();
        bool told = false;
        if (drive.Start())
        {
            told = TryDevice(drive, Floppy, explain);
        }
        else if (explain)
        {
            Explain(drive, Floppy);
        }

        FloppyDrive.Stop();
        return told;
    }

    private static bool TryDisk(int place, bool explain)
    {
        AtaDisk disk = new();
        if (disk.Find(place) == AtaPlace.Disk)
        {
            return TryDevice(disk, DiskNames.Name(place), explain);
        }

        if (explain)
        {
            Say(DiskNames.Name(place), " there is no disk\n");
        }

        return false;
    }

    private static bool TryDevice(SectorDevice device, string name, bool explain)
    {
        LogRoom room = default;
        if (!room.Find(device))
        {
            byte* sector = stackalloc byte[SectorDevice.SectorBytes];
            if (explain && !device.Read(0, 1, sector))
            {
                Explain(device, name);
            }
            else if (explain)
            {
                Say(name, " no BOOTLOG.TXT of 65536 bytes in one piece is on it\n");
            }

            return false;
        }

        byte* content = (byte*)RawMemory.Allocate(LogRoom.Bytes + LogRing.Capacity, Site);
        if (content == null)
        {
            KernelState.Console->Print("save: needs 96 kB of memory; 'hold 0' gives back what 'hold' took\n");
            return true;
        }

        uint bytes = SavedLog.Make(content, content + LogRoom.Bytes);
        Say(name, " ");
        if (Write(device, room.Sector, content))
        {
            KernelState.Console->Print("%d bytes of log are in BOOTLOG.TXT, read back and the same\n", bytes);
        }

        RawMemory.Free(content);
        return true;
    }

    private static bool Write(SectorDevice device, ulong sector, byte* content)
    {
        byte* read = stackalloc byte[ChunkBytes];
        for (int at = 0; at < LogRoom.Bytes; at += ChunkBytes)
        {
            if (!device.Write(sector + (uint)(at / SectorDevice.SectorBytes), SectorDevice.MostSectors, content + at))
            {
                return Failed(device, "write");
            }
        }

        if (!device.Flush())
        {
            return Failed(device, "flush");
        }

        for (int at = 0; at < LogRoom.Bytes; at += ChunkBytes)
        {
            if (!device.Read(sector + (uint)(at / SectorDevice.SectorBytes), SectorDevice.MostSectors, read))
            {
                return Failed(device, "read");
            }

            for (int i = 0; i < ChunkBytes; i++)
            {
                if (read[i] != content[at + i])
                {
                    KernelState.Console->Print("byte %d of BOOTLOG.TXT reads back wrong: the log is not safe there\n", (uint)(at + i));
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Failed(SectorDevice device, string what)
    {
        KernelState.Console->Text(what);
        KernelState.Console->Text(" failed at ");
        device.PrintFault(KernelState.Console);
        KernelState.Console->Print(": the log is not safe there\n");
        return false;
    }

    private static void Explain(SectorDevice device, string name)
    {
        Say(name, " ");
        device.PrintFault(KernelState.Console);
        KernelState.Console->Print("\n");
    }

    private static void Say(string name, string what)
    {
        KernelState.Console->Text(name);
        KernelState.Console->Text(":");
        KernelState.Console->Print(what);
    }
}
