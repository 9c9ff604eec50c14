using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// Writes the image to a disk and reads it back. The first sector, which makes the disk boot, is written last: a disk that is half written
/// does not start half a kernel.
/// </summary>
internal unsafe struct Installation
{
    private const int ChunkSectors = SectorDevice.MostSectors;
    private const int ChunkBytes = ChunkSectors * SectorDevice.SectorBytes;
    private const uint Dots = 40;

    private SectorDevice _disk;
    private InstallImage* _image;
    private KernelLog* _console;
    private uint _lastTouched;
    private bool _bootable;

    /// <summary>Does it, with progress and an outcome in words.</summary>
    /// <param name="disk">The disk; as large as the image at least.</param>
    /// <param name="image">What to write, from sector 0 on.</param>
    /// <param name="console">For messages.</param>
    /// <returns>True if the disk holds the image.</returns>
    internal bool Run(SectorDevice disk, InstallImage* image, KernelLog* console)
    {
        _disk = disk;
        _image = image;
        _console = console;
        _lastTouched = 0;
        _bootable = false;
        byte* buffer = stackalloc byte[ChunkBytes];
        Terminal.Text("writing      ");
        if (!Write(1, image->Sectors, buffer) || !FlushDisk())
        {
            return false;
        }

        Terminal.Text("\nreading back ");
        if (!Compare(1, image->Sectors, buffer))
        {
            return false;
        }

        Terminal.Text("\nboot sector  ");
        _bootable = true;
        return Write(0, 1, buffer) && FlushDisk() && Compare(0, 1, buffer);
    }

    private bool Write(uint first, uint end, byte* buffer)
    {
        for (uint sector = first; sector < end;)
        {
            if (Interruption.Wanted())
            {
                _console->Print("\nstopped\n");
                return Spoiled();
            }

            int count = Take(sector, end, buffer);
            _lastTouched = sector + (uint)count - 1;
            if (!_disk.Write(sector, count, buffer))
            {
                return Failed("write");
            }

            ShowProgress(sector, (uint)count);
            sector += (uint)count;
        }

        return true;
    }

    private bool Compare(uint first, uint end, byte* buffer)
    {
        byte* read = stackalloc byte[ChunkBytes];
        for (uint sector = first; sector < end;)
        {
            if (Interruption.Wanted())
            {
                _console->Print("\nstopped\n");
                return Spoiled();
            }

            int count = Take(sector, end, buffer);
            if (!_disk.Read(sector, count, read))
            {
                return Failed("read");
            }

            for (int i = 0; i < count * SectorDevice.SectorBytes; i++)
            {
                if (read[i] != buffer[i])
                {
                    _console->Print(
                        "\nsector %d: byte %d reads back as %02x, written was %02x\n", sector + (uint)(i / SectorDevice.SectorBytes),
                        (uint)(i % SectorDevice.SectorBytes), read[i], buffer[i]);
                    return Spoiled();
                }
            }

            ShowProgress(sector, (uint)count);
            sector += (uint)count;
        }

        return true;
    }

    // Copied, because the last sector may be filled in part only.
    private int Take(uint sector, uint end, byte* buffer)
    {
        uint count = end - sector < ChunkSectors ? end - sector : ChunkSectors;
        byte* from = _image->Start + (sector * SectorDevice.SectorBytes);
        uint bytes = count * SectorDevice.SectorBytes;
        uint filled = sector + count == _image->Sectors ? bytes - SectorDevice.SectorBytes + _image->LastBytes : bytes;
        for (uint i = 0; i < bytes; i++)
        {
            buffer[i] = i < filled ? from[i] : (byte)0;
        }

        return (int)count;
    }

    // One dot for each fortieth of the image.
    private void ShowProgress(uint sector, uint count)
    {
        uint before = sector * Dots / _image->Sectors;
        uint after = (sector + count) * Dots / _image->Sectors;
        for (; before < after; before++)
        {
            Terminal.Text(".");
        }
    }

    private bool FlushDisk() => _disk.Flush() || Failed("flush");

    private bool Failed(string what)
    {
        _console->Print("\n");
        _console->Text(what);
        _console->Text(" failed at ");
        _disk.PrintFault(_console);
        _console->Print("\n");
        return Spoiled();
    }

    private bool Spoiled()
    {
        if (_bootable)
        {
            _console->Print("The image is on the disk, but whether its boot sector is cannot be told. Run install again\n");
        }
        else if (_lastTouched == 0)
        {
            _console->Print("Nothing was written\n");
        }
        else
        {
            _console->Print(
                "Sectors 1 to %d may be overwritten; sector 0, with boot code and partition table, is as it was.\n"
                    + "What the disk held may be damaged, and CosmosBootAlloc does not start from it. Run install again\n", _lastTouched);
        }

        return false;
    }
}
