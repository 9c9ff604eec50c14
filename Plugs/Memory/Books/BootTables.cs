using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The boot allocators' own tables, in bytes: what they occupy at the end of a stage, and the most that was in use at one moment of the
/// boot. Each stage reports what its allocator has and claimed; the figures end its line in the log:
/// <code>
/// ... static_bytes=3072 transient_bytes=0 peak_bytes=3072
/// </code>
/// What the page allocator keeps for good, the page frame table, is not among them: <c>metadata_bytes</c> is that.
/// </summary>
public unsafe struct BootTables
{
    /// <summary>Tables that may move into RAM at the same time: memblock has two lists.</summary>
    public const int MostPlaced = 2;

    /// <summary>Bytes of tables in use inside the kernel image. They stay there, unused, when the page allocator has taken over.</summary>
    public ulong InImage;

    /// <summary>Bytes claimed from RAM for tables, to be given back before the boot ends.</summary>
    public ulong InRam;

    /// <summary>The most bytes of both, and of what a hand-over needs beside them, at one moment so far.</summary>
    public ulong Peak;

    /// <summary>Bytes of the list in which the hand-over sorts its ranges, on the stack; 0 where it needs none.</summary>
    public ulong Scratch;

    private fixed ulong _start[MostPlaced];
    private fixed ulong _end[MostPlaced];

    /// <summary>Says what is in use from here on, and the most that was in use on the way.</summary>
    public void Set(ulong inImage, ulong inRam, ulong most)
    {
        InImage = inImage;
        InRam = inRam;
        Rise(most);
    }

    /// <summary>Says that so many bytes were in use at one moment.</summary>
    public void Rise(ulong bytes)
    {
        if (bytes > Peak)
        {
            Peak = bytes;
        }
    }

    /// <summary>
    /// Logs where a table lies in RAM, bytes, half-open, when that has changed: the old place as given back, the new one as held.
    /// </summary>
    /// <param name="log">Where to.</param>
    /// <param name="stage">The stage in which it changed.</param>
    /// <param name="table">Which, below <see cref="MostPlaced"/>.</param>
    /// <param name="name">Its name in the log.</param>
    /// <param name="start">First byte; 0 with the end 0 when it lies in the image, or is no more.</param>
    /// <param name="end">First byte after.</param>
    public void Place(KernelLog* log, string stage, int table, string name, ulong start, ulong end)
    {
        if (start == _start[table])
        {
            return;
        }

        if (_end[table] != 0)
        {
            HolderLog.Released(log, stage, name, _start[table], _end[table]);
        }

        if (end != 0)
        {
            HolderLog.Held(log, stage, name, start, end);
        }

        _start[table] = start;
        _end[table] = end;
    }

    /// <summary>Ends a stage's line with the figures.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void EndLine(KernelLog* log)
    {
        log->Print(" static_bytes=%d transient_bytes=%d peak_bytes=%d\n", InImage, InRam, Peak);
    }
}
