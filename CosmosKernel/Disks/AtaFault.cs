using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>Why an ATA command did not succeed.</summary>
internal enum AtaFailure
{
    /// <summary>It did.</summary>
    None,

    /// <summary>The status register reads as if nothing were connected.</summary>
    Gone,

    /// <summary>The disk stayed busy, or never asked for its data, until the time for it was over.</summary>
    Silent,

    /// <summary>The disk reported an error.</summary>
    Error,

    /// <summary>The sector is beyond what the disk's addresses can name.</summary>
    OutOfRange,
}

/// <summary>The last failure of a disk, with what its registers said.</summary>
internal struct AtaFault
{
    private const byte DeviceFault = 0x20;

    /// <summary>What went wrong.</summary>
    internal AtaFailure Failure;

    /// <summary>The sector in question.</summary>
    internal ulong Sector;

    /// <summary>The status register.</summary>
    internal byte Status;

    /// <summary>The error register; meaningful for <see cref="AtaFailure.Error"/> only.</summary>
    internal byte ErrorBits;

    /// <summary>Prints it as half a sentence. The names of the bits are those of ATA-5, status and error registers.</summary>
    internal unsafe void Print(KernelLog* to)
    {
        to->Print("sector %d: ", Sector);
        if (Failure == AtaFailure.Gone)
        {
            to->Print("the disk is gone (status %02x)", Status);
        }
        else if (Failure == AtaFailure.Silent)
        {
            to->Print("no answer in time (status %02x)", Status);
        }
        else if (Failure == AtaFailure.OutOfRange)
        {
            to->Print("beyond the last sector that the disk can address");
        }
        else
        {
            to->Print("the disk reports an error (status %02x, error %02x: ", Status, ErrorBits);
            to->Text(Reason());
            to->Text(")");
        }
    }

    private string Reason()
    {
        if ((Status & DeviceFault) != 0)
        {
            return "device fault";
        }

        // From the most telling bit to the least: an aborted command often has others set too.
        return (ErrorBits & 0x40) != 0 ? "data cannot be read or written there"
            : (ErrorBits & 0x10) != 0 ? "no such sector"
            : (ErrorBits & 0x80) != 0 ? "transfer error"
            : (ErrorBits & 0x04) != 0 ? "command aborted"
            : "no reason given";
    }
}
