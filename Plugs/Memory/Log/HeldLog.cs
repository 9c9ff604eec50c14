using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Log;

/// <summary>
/// Log output recorded before anything can display it: pieces of lines in order, each a format and its arguments, not yet text. Formatting
/// a line costs more than the stage that it reports, and drawing it on the screen costs more than both, so early boot only records, as
/// Linux does before a console registers. Fixed size; when full, it is written out.
/// </summary>
public unsafe struct HeldLog
{
    /// <summary>
    /// Size in 8-byte words: a boot on a plain PC took 1,300 when each entry of a map was a piece. Only those of a user's map (memmap=) and
    /// of a modified one still are.
    /// </summary>
    public const int Capacity = 4096;

    private fixed ulong _words[Capacity];
    private HeldPiece* _next;
    private HeldPiece* _end;

    /// <summary>The oldest piece, if there is any.</summary>
    public HeldPiece* First
    {
        get
        {
            fixed (ulong* words = _words)
            {
                return (HeldPiece*)words;
            }
        }
    }

    /// <summary>First byte after the newest piece, where the next one goes.</summary>
    public HeldPiece* End => _next;

    /// <summary>Discards all pieces.</summary>
    public void Clear()
    {
        _next = First;
        _end = (HeldPiece*)((ulong*)_next + Capacity);
    }

    /// <summary>Appends a piece for the caller to fill in; null when there is not enough room.</summary>
    /// <param name="words">Its size: <see cref="HeldPiece.TextWords"/> or <see cref="HeldPiece.Words"/>.</param>
    public HeldPiece* Add(int words)
    {
        HeldPiece* piece = _next;
        HeldPiece* behind = (HeldPiece*)((ulong*)piece + words);
        if (behind > _end)
        {
            return null;
        }

        _next = behind;
        return piece;
    }
}

/// <summary>What a piece of the held log is.</summary>
public enum HeldKind
{
    /// <summary>A format with eight arguments.</summary>
    Format,

    /// <summary>A text to be printed verbatim.</summary>
    Text,

    /// <summary>Bytes, which take the place of the arguments.</summary>
    Bytes,

    /// <summary>Whole lines that a function prints: it and its state are the first two arguments.</summary>
    Table,
}

/// <summary>A piece of a held line, or the lines of a table.</summary>
public unsafe struct HeldPiece
{
    /// <summary>Size of a piece in 8-byte words.</summary>
    public const int Words = 11;

    /// <summary>Size of a text's piece, which ends before <see cref="Ticks"/>.</summary>
    public const int TextWords = 2;

    /// <summary>Bytes that a piece of bytes can hold.</summary>
    public const int ByteCapacity = 64;

    /// <summary>The format or text: a literal, which never moves.</summary>
    public char* Literal;

    /// <summary>Characters of the literal, or bytes.</summary>
    public int Length;

    /// <summary>What it is.</summary>
    public HeldKind Kind;

    /// <summary>Of a format or a table: when it was logged, in ticks of the log's clock; set when it ends a line.</summary>
    public ulong Ticks;

    /// <summary>The first of eight arguments; of bytes, the first eight.</summary>
    public ulong A0;

    /// <summary>The second argument.</summary>
    public ulong A1;

    /// <summary>The third argument.</summary>
    public ulong A2;

    /// <summary>The fourth argument.</summary>
    public ulong A3;

    /// <summary>The fifth argument.</summary>
    public ulong A4;

    /// <summary>The sixth argument.</summary>
    public ulong A5;

    /// <summary>The seventh argument.</summary>
    public ulong A6;

    /// <summary>The eighth argument.</summary>
    public ulong A7;

    /// <summary>The piece after this one.</summary>
    public static HeldPiece* After(HeldPiece* piece) => (HeldPiece*)((ulong*)piece + (piece->Kind == HeldKind.Text ? TextWords : Words));
}
