using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>Why the floppy controller did not do as told.</summary>
internal enum FloppyFailure
{
    /// <summary>It did.</summary>
    None,

    /// <summary>The BIOS set-up names no drive A: for 3.5 inch high-density floppies.</summary>
    NoDrive,

    /// <summary>Nothing answers at the controller's ports.</summary>
    NoController,

    /// <summary>The time for an answer was over.</summary>
    Silent,

    /// <summary>The same, and the drive says that its door was opened.</summary>
    NoFloppy,

    /// <summary>The heads did not reach their track.</summary>
    NoTrack,

    /// <summary>The command ended with an error.</summary>
    Error,
}

/// <summary>The last failure of drive A:, with what the controller said.</summary>
internal struct FloppyFault
{
    private const byte WriteProtected = 0x02;

    /// <summary>What went wrong.</summary>
    internal FloppyFailure Failure;

    /// <summary>The sector in question, from 0.</summary>
    internal uint Sector;

    /// <summary>Drive A:'s type in the BIOS's memory: 0 for none, 1 to 6.</summary>
    internal byte DriveType;

    /// <summary>The result's status bytes, for <see cref="FloppyFailure.Error"/>.</summary>
    internal byte Status0;

    /// <summary>See <see cref="Status0"/>.</summary>
    internal byte Status1;

    /// <summary>See <see cref="Status0"/>.</summary>
    internal byte Status2;

    /// <summary>Another attempt would not help.</summary>
    internal bool IsFinal
        => Failure == FloppyFailure.NoFloppy || Failure == FloppyFailure.NoController
            || (Failure == FloppyFailure.Error && (Status1 & WriteProtected) != 0);

    /// <summary>Prints it as half a sentence.</summary>
    internal unsafe void Print(KernelLog* to)
    {
        if (Failure == FloppyFailure.NoDrive)
        {
            to->Print("no 1.44 MB drive A: in the BIOS set-up (type %d; 4 is needed)", DriveType);
            return;
        }

        if (Failure == FloppyFailure.NoController)
        {
            to->Print("no floppy controller answers at port 3f0");
            return;
        }

        to->Print("sector %d: ", Sector);
        if (Failure == FloppyFailure.Silent)
        {
            to->Print("no answer from the floppy controller in time");
        }
        else if (Failure == FloppyFailure.NoFloppy)
        {
            to->Print("no floppy in the drive");
        }
        else if (Failure == FloppyFailure.NoTrack)
        {
            to->Print("the drive's heads do not reach their track");
        }
        else if ((Status1 & WriteProtected) != 0)
        {
            to->Print("the floppy is write-protected");
        }
        else
        {
            to->Print("the controller reports an error (status %02x %02x %02x)", Status0, Status1, Status2);
        }
    }
}
