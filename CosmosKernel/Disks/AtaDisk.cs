using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>What answers at one of the four places where a PC has ATA devices.</summary>
internal enum AtaPlace
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>A disk that can be used.</summary>
    Disk,

    /// <summary>A device that is no disk: a CD drive, for one.</summary>
    NoDisk,

    /// <summary>Something that does not answer as a disk does; <see cref="AtaDisk.PrintFault"/> says how.</summary>
    Faulty,
}

/// <summary>
/// An ATA disk by programmed I/O (PIO): identify, read, write, flush. No interrupts, no DMA: every PC since the first IDE controllers can
/// do this, and an installation transfers little. Sectors have 512 bytes. Every wait has an end.
/// </summary>
/// <remarks>Registers, commands, and words of IDENTIFY DEVICE: ATA-5 (T13/1321D); 48-bit addresses: ATA-6 (T13/1410D).</remarks>
internal sealed unsafe class AtaDisk : SectorDevice
{
    /// <summary>Places where a disk can be: master and slave of the primary and the secondary channel.</summary>
    internal const int Places = 4;

    // Registers, from the channel's first port.
    private const int Data = 0;
    private const int Error = 1;
    private const int Count = 2;
    private const int Low = 3;
    private const int Middle = 4;
    private const int High = 5;
    private const int Device = 6;
    private const int StatusOrCommand = 7;

    private const byte Busy = 0x80;
    private const byte DeviceFault = 0x20;
    private const byte DataRequest = 0x08;
    private const byte ErrorBit = 0x01;

    private const byte NoInterrupts = 0x02;
    private const byte AlwaysSet = 0xa0;
    private const byte ByBlockAddress = 0x40;

    private const byte ReadSectors = 0x20;
    private const byte WriteSectors = 0x30;
    private const byte Extended = 0x04;
    private const byte FlushCache = 0xe7;
    private const byte IdentifyDevice = 0xec;
    private const ulong MostBy28Bits = 1ul << 28;

    // A disk may spin up, or take a while for its last attempts at a bad sector; a flush empties all of its cache.
    private const uint AnswerMilliseconds = 10000;
    private const uint FlushMilliseconds = 30000;

    private ushort _ports;
    private ushort _control;
    private byte _device;
    private bool _byBlock;
    private bool _by48Bits;
    private bool _flushes;
    private uint _heads;
    private uint _sectorsPerTrack;
    private AtaFault _fault;
    private AtaModel _model;

    /// <summary>Prints the model as the disk names itself, without the spaces behind it.</summary>
    internal void PrintModel(KernelLog* to)
    {
        fixed (byte* text = _model.Text)
        {
            to->Print("%s", (uint)text);
        }
    }

    /// <summary>Looks what is at a place.</summary>
    /// <param name="place">0 to 3: primary master, primary slave, secondary master, secondary slave.</param>
    internal AtaPlace Find(int place)
    {
        _ports = (ushort)(place < 2 ? 0x1f0 : 0x170);
        _control = (ushort)(place < 2 ? 0x3f6 : 0x376);
        _device = (byte)(AlwaysSet | ((place & 1) << 4));
        Sectors = 0;
        _fault = default;
        Cpu.Out8(_control, NoInterrupts);
        Cpu.Out8(Register(Device), _device);
        if (Wait(data: false, AnswerMilliseconds) || _fault.Failure == AtaFailure.Error)
        {
            return Identify();
        }

        return _fault.Failure == AtaFailure.Gone ? AtaPlace.Empty : AtaPlace.Faulty;
    }

    /// <inheritdoc/>
    internal override bool Read(ulong sector, int count, byte* to)
    {
        if (!Command(sector, count, ReadSectors))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            _fault.Sector = sector + (uint)i;
            if (!Wait(data: true, AnswerMilliseconds))
            {
                return false;
            }

            TakeData((ushort*)(to + (i * SectorBytes)));
        }

        return true;
    }

    /// <inheritdoc/>
    internal override bool Write(ulong sector, int count, byte* from)
    {
        if (!Command(sector, count, WriteSectors) || !Wait(data: true, AnswerMilliseconds))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            _fault.Sector = sector + (uint)i;
            ushort* words = (ushort*)(from + (i * SectorBytes));
            for (int w = 0; w < SectorBytes / 2; w++)
            {
                Cpu.Out16(Register(Data), words[w]);
            }

            // Done with this one: the disk asks for the next.
            if (!Wait(data: i < count - 1, AnswerMilliseconds))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Empties the disk's write cache. A disk without that command has no such cache, or none that could be emptied.</summary>
    internal override bool Flush()
    {
        _fault = default;
        if (!_flushes)
        {
            return true;
        }

        if (!Select(_device))
        {
            return false;
        }

        Cpu.Out8(Register(StatusOrCommand), FlushCache);
        return Wait(data: false, FlushMilliseconds);
    }

    /// <inheritdoc/>
    internal override void PrintFault(KernelLog* to)
    {
        _fault.Print(to);
    }

    private AtaPlace Identify()
    {
        _fault = default;
        for (int i = Count; i <= High; i++)
        {
            Cpu.Out8(Register(i), 0);
        }

        Cpu.Out8(Register(StatusOrCommand), IdentifyDevice);
        if (!Wait(data: true, AnswerMilliseconds))
        {
            // A CD drive refuses the command. Where there is no slave, the master answers for it.
            return _fault.Failure == AtaFailure.Silent ? AtaPlace.Faulty
                : _fault.Failure == AtaFailure.Gone ? AtaPlace.Empty
                : AtaPlace.NoDisk;
        }

        ushort* words = stackalloc ushort[SectorBytes / 2];
        TakeData(words);
        if ((words[0] & 0x8000) != 0)
        {
            return AtaPlace.NoDisk;
        }

        _model.Take(words + 27);
        _byBlock = (words[49] & 0x200) != 0;
        bool valid = (words[83] & 0xc000) == 0x4000;
        _by48Bits = _byBlock && valid && (words[83] & 0x400) != 0;
        _flushes = valid && (words[83] & 0x1000) != 0;
        if (_by48Bits)
        {
            Sectors = words[100] | ((ulong)words[101] << 16) | ((ulong)words[102] << 32) | ((ulong)words[103] << 48);
        }
        else if (_byBlock)
        {
            Sectors = words[60] | ((uint)words[61] << 16);
        }
        else
        {
            // The geometry in use, if the disk tells it, else its default one.
            bool inUse = (words[53] & 1) != 0 && words[55] != 0 && words[56] != 0;
            _heads = inUse ? words[55] : words[3];
            _sectorsPerTrack = inUse ? words[56] : words[6];
            Sectors = (ulong)(inUse ? words[54] : words[1]) * _heads * _sectorsPerTrack;
        }

        return Sectors != 0 ? AtaPlace.Disk : AtaPlace.NoDisk;
    }

    private bool Command(ulong sector, int count, byte command)
    {
        _fault = default;
        _fault.Sector = sector;
        bool far = _by48Bits && sector + (uint)count > MostBy28Bits;
        if (sector + (uint)count > Sectors || (sector + (uint)count > MostBy28Bits && !far))
        {
            _fault.Failure = AtaFailure.OutOfRange;
            return false;
        }

        uint address = (uint)sector;
        byte device = (byte)(_device | ByBlockAddress);
        if (!_byBlock)
        {
            uint track = address / _sectorsPerTrack;
            device = (byte)(_device | (track % _heads));
            address = ((track / _heads) << 8) | ((address % _sectorsPerTrack) + 1);
        }
        else if (!far)
        {
            device |= (byte)(address >> 24);
        }

        if (!Select(device))
        {
            return false;
        }

        if (far)
        {
            Cpu.Out8(Register(Count), 0);
            Cpu.Out8(Register(Low), (byte)(address >> 24));
            Cpu.Out8(Register(Middle), (byte)(sector >> 32));
            Cpu.Out8(Register(High), (byte)(sector >> 40));
            command |= Extended;
        }

        Cpu.Out8(Register(Count), (byte)count);
        Cpu.Out8(Register(Low), (byte)address);
        Cpu.Out8(Register(Middle), (byte)(address >> 8));
        Cpu.Out8(Register(High), (byte)(address >> 16));
        Cpu.Out8(Register(StatusOrCommand), command);
        return true;
    }

    // An error of the command before is still in the status register: only a disk that is gone or busy counts here.
    private bool Select(byte device)
    {
        Cpu.Out8(Register(Device), device);
        if (Wait(data: false, AnswerMilliseconds) || _fault.Failure == AtaFailure.Error)
        {
            _fault.Failure = AtaFailure.None;
            return true;
        }

        return false;
    }

    private void TakeData(ushort* to)
    {
        for (int i = 0; i < SectorBytes / 2; i++)
        {
            to[i] = Cpu.In16(Register(Data));
        }
    }

    /// <summary>Waits until the disk is not busy and, with data, asks for or has some.</summary>
    private bool Wait(bool data, uint milliseconds)
    {
        Settle();
        Deadline deadline = Deadline.In(milliseconds);
        while (true)
        {
            byte status = Cpu.In8(Register(StatusOrCommand));
            _fault.Status = status;
            if (IsNothing(status))
            {
                _fault.Failure = AtaFailure.Gone;
                return false;
            }

            if ((status & Busy) == 0)
            {
                if ((status & (ErrorBit | DeviceFault)) != 0)
                {
                    _fault.Failure = AtaFailure.Error;
                    _fault.ErrorBits = Cpu.In8(Register(Error));
                    return false;
                }

                if (!data || (status & DataRequest) != 0)
                {
                    return true;
                }
            }

            if (deadline.Passed())
            {
                _fault.Failure = AtaFailure.Silent;
                return false;
            }
        }
    }

    // The status is valid 400 ns after a command or a selection; a look at a port takes at least 100 ns.
    private void Settle()
    {
        for (int i = 0; i < 5; i++)
        {
            Cpu.In8(_control);
        }
    }

    // Nothing connected reads as ones; many boards pull the bit of BUSY down. A disk has its bit READY set.
    private static bool IsNothing(byte status) => status == 0xff || status == 0x7f || status == 0;

    private ushort Register(int index) => (ushort)(_ports + index);
}
