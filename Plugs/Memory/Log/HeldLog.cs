using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Log;

/// <summary>
/// What the log was told while nobody can read it yet: pieces of lines as they came, a format and its arguments, not yet text.
/// Formatting a line costs more than the stage that it reports, and the screen more than both, so early boot only takes notes, as
/// Linux's does before a console registers. Fixed size; who fills it gets it written out.
/// </summary>
public unsafe struct HeldLog
{
    /// <summary>
    /// Size in 8-byte words: a boot on a plain PC takes 1,300, the longest of the maps in tests, with 73 entries, fits too.
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

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _next = First;
        _end = (HeldPiece*)((ulong*)_next + Capacity);
    }

    /// <summary>A new piece, to be filled in; null when the room does not suffice.</summary>
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

/// <summary>A piece of a held line: a format with arguments, a text, or bytes, which lie in the place of the arguments.</summary>
public unsafe struct HeldPiece
{
    /// <summary>Size of a piece in 8-byte words.</summary>
    public const int Words = 11;

    /// <summary>Size of a text's piece, which ends before <see cref="Ticks"/>.</summary>
    public const int TextWords = 2;

    /// <summary>Bytes that a piece of bytes can hold.</summary>
    public const int ByteCapacity = 64;

    /// <summary>The format or text, a literal, which lies still; null for bytes.</summary>
    public char* Literal;

    /// <summary>Characters of the literal, or bytes.</summary>
    public int Length;

    /// <summary>True for a text as it is.</summary>
    public bool IsText;

    /// <summary>Of a format: when it was logged, in ticks of the log's clock; set when it ends a line.</summary>
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

    /// <summary>The piece behind one.</summary>
    public static HeldPiece* After(HeldPiece* piece) => (HeldPiece*)((ulong*)piece + (piece->IsText ? TextWords : Words));
}
