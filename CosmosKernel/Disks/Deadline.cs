using CosmosBootAlloc.Boot.Devices;

namespace CosmosBootAlloc.Kernel.Disks;

/// <summary>
/// The end of a wait for a device. A clock that runs wrong does not end it at once, and one that stands does not keep it going: the number
/// of looks at the device has a least and a most value too.
/// </summary>
internal struct Deadline
{
    // A look at a port takes about a microsecond on a PC, much less in an emulator.
    private const uint FewestLooks = 100000;
    private const uint MostLooks = 200000000;
    private const uint LooksPerTime = 256;

    private ulong _start;
    private ulong _microseconds;
    private uint _looks;

    /// <summary>A wait that begins now.</summary>
    /// <param name="milliseconds">How long it may take.</param>
    internal static Deadline In(uint milliseconds)
    {
        Deadline deadline = default;
        deadline._start = Clock.Ticks();
        deadline._microseconds = milliseconds * 1000ul;
        return deadline;
    }

    /// <summary>Call after each look at the device.</summary>
    /// <returns>True when the wait is over.</returns>
    internal bool Passed()
    {
        _looks++;
        if (_looks < FewestLooks || _looks % LooksPerTime != 0)
        {
            return false;
        }

        // The timer goes back where it is the clock and interrupts are off for two of its turns.
        ulong now = Clock.Ticks();
        _start = now < _start ? now : _start;
        return _looks >= MostLooks || Clock.Microseconds(now - _start) >= _microseconds;
    }
}
