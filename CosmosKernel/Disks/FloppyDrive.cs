using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// Drive A: with a 1.44 MB floppy, by the controller that every PC had: commands by programmed I/O, data by DMA channel 2 through a buffer
/// in the image, no interrupts. A sector that fails is tried again after the heads went to track 0.
/// </summary>
/// <remarks>Commands, status bytes, and ports: Intel 82077AA data sheet (290166); DMA: Intel 8237A.</remarks>
internal sealed unsafe class FloppyDrive : SectorDevice
{
    private const uint Heads = 2;
    private const uint SectorsPerTrack = 18;
    private const uint Tracks = 80;
    private const int Attempts = 3;

    private const ushort Output = 0x3f2;
    private const ushort MainStatus = 0x3f4;
    private const ushort Fifo = 0x3f5;
    private const ushort Rate = 0x3f7;
    private const ushort Changed = 0x3f7;

    // Of the output register: not in reset, DMA, the motor of drive A:.
    private const byte Running = 0x04;
    private const byte Dma = 0x08;
    private const byte MotorA = 0x10;

    private const byte Ready = 0x80;
    private const byte FromController = 0x40;

    private const byte Specify = 0x03;
    private const byte Recalibrate = 0x07;
    private const byte SenseInterrupt = 0x08;
    private const byte Seek = 0x0f;
    private const byte WriteData = 0x45;
    private const byte ReadData = 0x46;

    private const uint CommandMilliseconds = 1000;
    private const uint SeekMilliseconds = 4000;
    private const uint SpinUpMilliseconds = 500;

    // Without a floppy, or with an unformatted one, the controller may wait for ever.
    private const uint DataMilliseconds = 4000;

    private static Buffer s_buffer;

    private FloppyFault _fault;
    private uint _track;

    /// <summary>Looks whether there is such a drive, and turns its motor on.</summary>
    /// <returns>False if there is none, or no controller: see <see cref="PrintFault"/>.</returns>
    internal bool Start()
    {
        Sectors = 0;
        _fault = default;
        Cpu.Out8(0x70, 0x10);
        _fault.DriveType = (byte)(Cpu.In8(0x71) >> 4);
        if (_fault.DriveType < 4 || _fault.DriveType > 6)
        {
            _fault.Failure = FloppyFailure.NoDrive;
            return false;
        }

        if (!Reset())
        {
            return false;
        }

        Sectors = Tracks * Heads * SectorsPerTrack;
        return true;
    }

    /// <summary>Turns the motor off.</summary>
    internal static void Stop()
    {
        Cpu.Out8(Output, Running | Dma);
    }

    /// <inheritdoc/>
    internal override bool Read(ulong sector, int count, byte* to) => Transfer((uint)sector, count, to, write: false);

    /// <inheritdoc/>
    internal override bool Write(ulong sector, int count, byte* from) => Transfer((uint)sector, count, from, write: true);

    /// <summary>There is no cache to empty.</summary>
    internal override bool Flush() => true;

    /// <inheritdoc/>
    internal override void PrintFault(KernelLog* to)
    {
        _fault.Print(to);
    }

    private bool Transfer(uint sector, int count, byte* memory, bool write)
    {
        for (int i = 0; i < count; i++)
        {
            byte* at = memory + (i * SectorBytes);
            int attempt = 0;
            while (!One(sector + (uint)i, at, write))
            {
                attempt++;
                if (attempt == Attempts || _fault.IsFinal || !Reset())
                {
                    return false;
                }
            }
        }

        return true;
    }

    private bool One(uint sector, byte* memory, bool write)
    {
        _fault.Failure = FloppyFailure.None;
        _fault.Sector = sector;
        uint track = sector / (Heads * SectorsPerTrack);
        uint head = sector / SectorsPerTrack % Heads;
        if (track != _track && !SeekTrack(track))
        {
            return false;
        }

        byte* buffer = Whole();
        if (write)
        {
            Copy(memory, buffer);
        }

        StartDma((uint)buffer, write);
        bool sent = Send(write ? WriteData : ReadData) && Send((byte)(head << 2)) && Send((byte)track) && Send((byte)head)
            && Send((byte)((sector % SectorsPerTrack) + 1)) && Send(2) && Send((byte)SectorsPerTrack) && Send(0x1b) && Send(0xff);
        byte* result = stackalloc byte[7];
        if (!sent || !TakeResult(result))
        {
            return false;
        }

        if ((result[0] & 0xc0) != 0)
        {
            _fault.Failure = DoorWasOpened() ? FloppyFailure.NoFloppy : FloppyFailure.Error;
            _fault.Status0 = result[0];
            _fault.Status1 = result[1];
            _fault.Status2 = result[2];
            return false;
        }

        if (!write)
        {
            Copy(buffer, memory);
        }

        return true;
    }

    // Stays so until the heads are moved with a floppy in the drive; they were, before the command.
    private static bool DoorWasOpened() => (Cpu.In8(Changed) & 0x80) != 0;

    private bool TakeResult(byte* result)
    {
        Deadline deadline = Deadline.In(DataMilliseconds);
        while ((Cpu.In8(MainStatus) & (Ready | FromController)) != (Ready | FromController))
        {
            if (deadline.Passed())
            {
                _fault.Failure = DoorWasOpened() ? FloppyFailure.NoFloppy : FloppyFailure.Silent;
                return false;
            }
        }

        for (int i = 0; i < 7; i++)
        {
            if (!Receive(out result[i]))
            {
                return false;
            }
        }

        return true;
    }

    // The controller forgets everything; the heads go to track 0.
    private bool Reset()
    {
        Cpu.Out8(Output, 0);
        Pause(1);
        Cpu.Out8(Output, MotorA | Dma | Running);
        Cpu.Out8(Rate, 0);
        Pause(SpinUpMilliseconds);

        // It reports the reset once for each of four drives.
        for (int i = 0; i < 4; i++)
        {
            if (!Sense(out _, out _))
            {
                return false;
            }
        }

        // Step rate 3 ms, head unload 240 ms, head load 16 ms, with DMA.
        if (!Send(Specify) || !Send(0xdf) || !Send(0x02))
        {
            return false;
        }

        // A recalibration makes at most 79 steps, one too few for the last track.
        for (int i = 0; i < 2; i++)
        {
            if (!Send(Recalibrate) || !Send(0) || !WaitForSeek(out byte status, out byte track))
            {
                return false;
            }

            if ((status & 0xd0) == 0 && track == 0)
            {
                _track = 0;
                return true;
            }
        }

        _fault.Failure = FloppyFailure.NoTrack;
        return false;
    }

    private bool SeekTrack(uint track)
    {
        if (!Send(Seek) || !Send(0) || !Send((byte)track) || !WaitForSeek(out byte status, out byte reached))
        {
            return false;
        }

        if ((status & 0xc0) != 0 || reached != track)
        {
            _fault.Failure = FloppyFailure.NoTrack;
            return false;
        }

        _track = track;
        return true;
    }

    // Until the seek is over, the controller answers that no interrupt is pending.
    private bool WaitForSeek(out byte status, out byte track)
    {
        Deadline deadline = Deadline.In(SeekMilliseconds);
        while (Sense(out status, out track))
        {
            if ((status & 0xc0) != 0x80)
            {
                return true;
            }

            if (deadline.Passed())
            {
                _fault.Failure = FloppyFailure.Silent;
                return false;
            }
        }

        return false;
    }

    // Without a pending interrupt the answer is one byte, 80, without a track.
    private bool Sense(out byte status, out byte track)
    {
        track = 0;
        status = 0;
        return Send(SenseInterrupt) && Receive(out status) && (status == 0x80 || Receive(out track));
    }

    private bool Send(byte value)
    {
        if (!WaitForFifo(0))
        {
            return false;
        }

        Cpu.Out8(Fifo, value);
        return true;
    }

    private bool Receive(out byte value)
    {
        value = 0;
        if (!WaitForFifo(FromController))
        {
            return false;
        }

        value = Cpu.In8(Fifo);
        return true;
    }

    private bool WaitForFifo(byte direction)
    {
        Deadline deadline = Deadline.In(CommandMilliseconds);
        byte status = Cpu.In8(MainStatus);
        while (status == 0xff || (status & (Ready | FromController)) != (Ready | direction))
        {
            if (deadline.Passed())
            {
                _fault.Failure = status == 0xff ? FloppyFailure.NoController : FloppyFailure.Silent;
                return false;
            }

            status = Cpu.In8(MainStatus);
        }

        return true;
    }

    private static void StartDma(uint address, bool write)
    {
        Cpu.Out8(0x0a, 0x06);
        Cpu.Out8(0x0c, 0);
        Cpu.Out8(0x0b, (byte)(write ? 0x4a : 0x46));
        Cpu.Out8(0x04, (byte)address);
        Cpu.Out8(0x04, (byte)(address >> 8));
        Cpu.Out8(0x81, (byte)(address >> 16));
        Cpu.Out8(0x0c, 0);
        Cpu.Out8(0x05, (SectorBytes - 1) & 0xff);
        Cpu.Out8(0x05, (SectorBytes - 1) >> 8);
        Cpu.Out8(0x0a, 0x02);
    }

    private static void Pause(uint milliseconds)
    {
        Deadline deadline = Deadline.In(milliseconds);
        while (!deadline.Passed())
        {
            Cpu.In8(MainStatus);
        }
    }

    // DMA reaches the first 16 MiB, where the image lies, and does not cross a multiple of 64 KiB: a sector aligned to its size never does.
    private static byte* Whole()
    {
        fixed (byte* bytes = s_buffer.Bytes)
        {
            return (byte*)(((uint)bytes + SectorBytes - 1) & ~(uint)(SectorBytes - 1));
        }
    }

    private static void Copy(byte* from, byte* to)
    {
        for (int i = 0; i < SectorBytes; i++)
        {
            to[i] = from[i];
        }
    }

    private struct Buffer
    {
        internal fixed byte Bytes[2 * SectorBytes];
    }
}
