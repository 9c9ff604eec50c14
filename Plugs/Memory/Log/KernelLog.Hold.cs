namespace CosmosBootAlloc.Memory.Log;

/// <summary>Holding lines back until something can display them.</summary>
public unsafe partial struct KernelLog
{
    /// <summary>
    /// Formats nothing and passes nothing to the sink until <see cref="Release"/>, a panic, or a full buffer; after that each line is
    /// written at once. While lines are held, texts and formats must be literals; the bytes of a <c>%s</c> are read only when the line is
    /// written, so bytes that will change go through <see cref="Bytes"/>.
    /// </summary>
    /// <param name="room">Where to hold them; its old content is discarded.</param>
    public void Hold(HeldLog* room)
    {
        room->Clear();
        _held = room;
    }

    /// <summary>True while lines are held instead of written.</summary>
    public bool IsHeld => _held != null;

    /// <summary>Writes the held lines, each with the time at which it was logged, and stops holding.</summary>
    public void Release()
    {
        HeldLog* held = _held;
        if (held == null)
        {
            return;
        }

        _held = null;
        ulong start = Started();
        _releasing = true;
        for (HeldPiece* piece = held->First; piece != held->End; piece = HeldPiece.After(piece))
        {
            Write(piece);
        }

        _releasing = false;
        Ended(start);
    }

    /// <summary>
    /// Prints lines about a state that will not change: now, or with the held lines, which a long table is only one piece of then; all its
    /// lines have the time of this call.
    /// </summary>
    /// <param name="print">Prints whole lines to this log.</param>
    /// <param name="state">What it gets; must not move.</param>
    public void PrintTable(delegate*<void*, void> print, void* state)
    {
        HeldPiece* piece = NextPiece(HeldPiece.Words);
        if (piece == null)
        {
            print(state);
            return;
        }

        piece->Kind = HeldKind.Table;
        piece->Ticks = _clock != null ? _clock(0) : 0;
        piece->A0 = (nuint)print;
        piece->A1 = (nuint)state;
    }

    // Null when nothing is held, or no longer.
    private HeldPiece* NextPiece(int words)
    {
        if (_held == null)
        {
            return null;
        }

        HeldPiece* piece = _held->Add(words);
        if (piece == null)
        {
            Release();
        }

        return piece;
    }

    private void Write(HeldPiece* piece)
    {
        if (piece->Kind == HeldKind.Text)
        {
            Append(piece->Literal, piece->Length);
        }
        else if (piece->Kind == HeldKind.Table)
        {
            _lineTicks = piece->Ticks;
            ((delegate*<void*, void>)(nuint)piece->A0)((void*)(nuint)piece->A1);
        }
        else if (piece->Kind == HeldKind.Bytes)
        {
            byte* bytes = (byte*)&piece->A0;
            for (int i = 0; i < piece->Length; i++)
            {
                PutForeign(bytes[i]);
            }
        }
        else
        {
            _lineTicks = piece->Ticks;
            ulong* arguments = &piece->A0;
            for (int i = 0; i < 8; i++)
            {
                _arguments[i] = arguments[i];
            }

            Format(piece->Literal, piece->Length);
        }
    }

    // False when they must be written now: the buffer is full, or they are longer than a piece (a long bad option), which ends the holding.
    private bool HoldBytes(byte* text, int width)
    {
        int length = text == null ? int.MaxValue : LengthOf(text);
        if (length > HeldPiece.ByteCapacity || width > HeldPiece.ByteCapacity)
        {
            Release();
            return false;
        }

        HeldPiece* piece = NextPiece(HeldPiece.Words);
        if (piece == null)
        {
            return false;
        }

        byte* to = (byte*)&piece->A0;
        int at = 0;
        while (at < width - length)
        {
            to[at++] = (byte)' ';
        }

        while (*text != 0)
        {
            to[at++] = *text++;
        }

        piece->Kind = HeldKind.Bytes;
        piece->Length = at;
        return true;
    }
}
