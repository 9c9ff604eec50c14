using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Disks;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>install: writes the image that the machine was started from to a whole hard disk.</summary>
internal sealed unsafe class InstallCommand : Command
{
    private static CommandInput s_answer;

    internal override string Name => "install";

    internal override string Summary => "puts this system on a hard disk; asks before it writes";

    internal override string Details =>
        "    Takes a whole disk: everything on it is lost. Choose 'install on a hard disk' in the boot menu first;\n"
            + "    that entry brings the image along.\n";

    // It refuses each by itself, and says why.
    internal override int MostArguments => CommandInput.MostWords;

    internal override void Run(ref CommandInput input)
    {
        if (input.Words > 1)
        {
            KernelState.Console->Print(
                "install: expected no words behind it, found '%s'. It takes a whole disk, beside nothing, and asks for its name\n",
                (uint)input.Word(1));
            return;
        }

        InstallImage image = default;
        bool found = image.Find(KernelState.Facts, out uint modules);
        int disks = ListDisks();
        if (disks == 0)
        {
            KernelState.Console->Print(
                "install: no disk answers at ports 1f0 and 170. A SATA controller must be in IDE or compatible mode (BIOS set-up)\n");
        }
        else if (!found)
        {
            KernelState.Console->Print(
                "install: no image to write: %d boot modules, none of them an image of this system.\n"
                    + "Restart, and choose 'install on a hard disk' in the boot menu\n", modules);
        }
        else
        {
            Install(&image);
        }
    }

    private static int ListDisks()
    {
        int disks = 0;
        for (int place = 0; place < AtaDisk.Places; place++)
        {
            AtaDisk disk = new();
            AtaPlace what = disk.Find(place);
            if (what == AtaPlace.Disk)
            {
                disks++;
                PrintName(place);
                KernelState.Console->Print(", %d MB, ", disk.Sectors >> 11);
                disk.PrintModel(KernelState.Console);
                KernelState.Console->Print("\n");
                DiskContent.Print(disk, KernelState.Console);
            }
            else if (what == AtaPlace.Faulty)
            {
                PrintName(place);
                KernelState.Console->Text(": cannot be used: ");
                disk.PrintFault(KernelState.Console);
                KernelState.Console->Print("\n");
            }
        }

        return disks;
    }

    private static void PrintName(int place)
    {
        KernelState.Console->Text("  ");
        KernelState.Console->Text(DiskNames.Name(place));
        KernelState.Console->Text("  ");
        KernelState.Console->Text(DiskNames.Where(place));
    }

    private static void Install(InstallImage* image)
    {
        int place = AskFor("Disk to install on: ");
        if (place < 0)
        {
            return;
        }

        AtaDisk disk = new();
        if (disk.Find(place) != AtaPlace.Disk)
        {
            Say(place, "there is no disk\n");
            return;
        }

        if (disk.Sectors < image->Sectors)
        {
            Say(place, "too small: ");
            KernelState.Console->Print("it has %d sectors, the image needs %d. Nothing was written\n", disk.Sectors, image->Sectors);
            return;
        }

        Say(place, "ALL that is on it will be lost.");
        KernelState.Console->Print("\n");
        int again = AskFor("Its name once more: ");
        if (again != place)
        {
            KernelState.Console->Print(again < 0 ? "" : "install: that is another disk. Nothing was written\n");
            return;
        }

        Installation installation = default;
        if (installation.Run(disk, image, KernelState.Console))
        {
            KernelState.Console->Print("\n");
            Say(place, "");
            KernelState.Console->Print(
                "%d sectors written, read back, and the same.\nTo start from it: take out what you started from, or make this "
                    + "disk the first boot\ndevice in the BIOS set-up; then type 'reboot'\n", image->Sectors);
        }
    }

    // The place of the disk that was named, or -1.
    private static int AskFor(string prompt)
    {
        if (!LineReader.Read(prompt, ref s_answer, isCommand: false))
        {
            KernelState.Console->Print("Nothing was written\n");
            return -1;
        }

        s_answer.Split();
        for (int place = 0; place < AtaDisk.Places; place++)
        {
            if (s_answer.Words == 1 && s_answer.Is(0, DiskNames.Name(place)))
            {
                return place;
            }
        }

        KernelState.Console->Print(s_answer.Words == 0 ? "Nothing was written\n" : "install: no such disk. Nothing was written\n");
        return -1;
    }

    private static void Say(int place, string what)
    {
        KernelState.Console->Text(DiskNames.Name(place));
        KernelState.Console->Text(": ");
        KernelState.Console->Text(what);
    }
}
