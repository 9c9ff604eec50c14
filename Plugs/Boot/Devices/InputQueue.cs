namespace CosmosBootAlloc.Boot.Devices;

/// <summary>
/// Characters that one device received and nobody has read yet, oldest first. A place where some were lost is an entry of its own, so that
/// the reader can refuse the line around it. It remembers the last Ctrl-C, which counts before what was typed ahead of it.
/// </summary>
/// <remarks>
/// Needs no lock: interrupts are taken only while the shell waits, so its two sides never run into each other.
/// </remarks>
internal unsafe struct InputQueue
{
    /// <summary>Entries; a power of two.</summary>
    internal const int Capacity = 512;

    /// <summary>The entry that says: characters were lost here. Never a character.</summary>
    internal const byte Lost = 0;

    /// <summary>What Ctrl-C sends.</summary>
    internal const byte ControlC = 3;

    private const uint Mask = Capacity - 1;

    private fixed byte _entries[Capacity];
    private uint _written;
    private uint _taken;

    // The entry behind the last Ctrl-C, if one is queued.
    private uint _behindStop;
    private bool _hasStop;

    /// <summary>Entries that still fit.</summary>
    internal int Room => Capacity - (int)(_written - _taken);

    /// <summary>
    /// Adds a character. The last place is kept for <see cref="AddLost"/>, which takes it when the character finds no other; a Ctrl-C takes
    /// even that one.
    /// </summary>
    internal void Add(byte value)
    {
        if (Room > 1)
        {
            Put(value);
        }
        else if (value == ControlC)
        {
            _written -= Room == 0 ? 1u : 0u;
            Put(value);
        }
        else
        {
            AddLost();
        }

        if (value == ControlC)
        {
            _behindStop = _written;
            _hasStop = true;
        }
    }

    /// <summary>Notes that characters were lost here; once is enough for several in a row.</summary>
    internal void AddLost()
    {
        bool noted = _written != _taken && _entries[(_written - 1) & Mask] == Lost;
        if (!noted && Room > 0)
        {
            Put(Lost);
        }
    }

    /// <summary>Takes the oldest entry: a character, or <see cref="Lost"/>.</summary>
    /// <returns>False if there is none.</returns>
    internal bool TryTake(out byte value)
    {
        value = Lost;
        if (_taken == _written)
        {
            return false;
        }

        value = _entries[_taken & Mask];
        _taken++;
        _hasStop &= _taken != _behindStop;
        return true;
    }

    /// <summary>Takes a Ctrl-C out of its turn, and drops what was typed ahead of it.</summary>
    /// <returns>False if none is queued.</returns>
    internal bool TryTakeStop()
    {
        if (!_hasStop)
        {
            return false;
        }

        _taken = _behindStop;
        _hasStop = false;
        return true;
    }

    private void Put(byte value)
    {
        _entries[_written & Mask] = value;
        _written++;
    }
}
