using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Memory.Log;

/// <summary>
/// The kernel log as the stages see it: they report facts, one line each, and this formats them without a heap and hands whole lines to a
/// sink. The kernel's sink writes to screen, serial port and the dmesg ring; the host's collects lines. Panics are raised here too, so that
/// there is one path: the kernel's handler prints the state of memory and stops the machine, the host's turns the message into a result.
/// </summary>
/// <remarks>
/// The struct must not move while a stage holds a pointer to it; it lives in <see cref="MachineMemory"/>.
/// </remarks>
public unsafe partial struct KernelLog
{
    /// <summary>Longest line in bytes, enough for the longest command line; a longer one is truncated and ends in "...".</summary>
    public const int LineCapacity = 4608;

    private fixed byte _line[LineCapacity];

    // In the struct, not on the stack: IL2CPU takes stack arrays from the object heap, and the log must work without one.
    private fixed ulong _arguments[8];
    private fixed byte _digits[20];
    private int _length;
    private bool _cut;
    private void* _context;
    private delegate*<void*, byte*, int, void> _sink;
    private delegate*<void*, byte*, int, void> _panicHandler;
    private delegate*<ulong, ulong> _clock;
    private ulong _ticksSpent;
    private ulong _lineTicks;
    private HeldLog* _held;
    private bool _releasing;

    /// <summary>Sets where lines and panics go.</summary>
    /// <param name="context">Passed to both unchanged.</param>
    /// <param name="sink">Receives each whole line: bytes and length, without a line end. Null drops the lines.</param>
    /// <param name="panicHandler">Receives the panic message; must not return.</param>
    public void Init(void* context, delegate*<void*, byte*, int, void> sink, delegate*<void*, byte*, int, void> panicHandler)
    {
        _length = 0;
        _cut = false;
        _context = context;
        _sink = sink;
        _panicHandler = panicHandler;
        _clock = null;
        _ticksSpent = 0;
        _lineTicks = 0;
        _held = null;
        _releasing = false;
    }

    /// <summary>
    /// Ticks spent formatting and in the sink since <see cref="CountTicks"/>, which a caller that times the stages subtracts. Holding a
    /// line costs a few stores, which count as the stage's own.
    /// </summary>
    public ulong TicksSpent => _ticksSpent;

    /// <summary>For the sink: when its line was logged, in ticks of <see cref="CountTicks"/>'s clock; 0 without one.</summary>
    public ulong LineTicks => _lineTicks;

    /// <summary>Starts counting <see cref="TicksSpent"/>.</summary>
    /// <param name="clock">Returns a monotonic tick count minus its argument, which is an earlier reading or 0.</param>
    public void CountTicks(delegate*<ulong, ulong> clock)
    {
        _clock = clock;
    }

    /// <summary>
    /// Appends formatted text; <c>\n</c> ends the line and hands it to the sink. The format supports the printf forms that Linux's boot
    /// messages use: <c>%d</c> (unsigned), <c>%x</c>, <c>%s</c> (a pointer to NUL-terminated bytes, null prints "(null)"), <c>%c</c>,
    /// <c>%%</c>; a width pads on the left with spaces, or with zeros when it starts with 0. <c>%q</c> is <c>%s</c> between quotes: with a
    /// backslash before each quote and backslash. <c>%t</c> is a literal: two arguments, where its characters lie and how many they are.
    /// Control characters in bytes are written as <c>\x1b</c>.
    /// </summary>
    public void Print(
        string format,
        ulong a0 = 0,
        ulong a1 = 0,
        ulong a2 = 0,
        ulong a3 = 0,
        ulong a4 = 0,
        ulong a5 = 0,
        ulong a6 = 0,
        ulong a7 = 0)
    {
        fixed (char* literal = format)
        {
            HeldPiece* piece = NextPiece(HeldPiece.Words);
            if (piece != null)
            {
                int length = format.Length;
                piece->Literal = literal;
                piece->Length = length;
                piece->Kind = HeldKind.Format;
                piece->A0 = a0;
                piece->A1 = a1;
                piece->A2 = a2;
                piece->A3 = a3;
                piece->A4 = a4;
                piece->A5 = a5;
                piece->A6 = a6;
                piece->A7 = a7;
                if (_clock != null && literal[length - 1] == '\n')
                {
                    piece->Ticks = _clock(0);
                }

                return;
            }

            ulong start = Started();
            _arguments[0] = a0;
            _arguments[1] = a1;
            _arguments[2] = a2;
            _arguments[3] = a3;
            _arguments[4] = a4;
            _arguments[5] = a5;
            _arguments[6] = a6;
            _arguments[7] = a7;
            Format(literal, format.Length);
            Ended(start);
        }
    }

    /// <summary>Appends a string verbatim; it does not end the line.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Text(string text)
    {
        fixed (char* literal = text)
        {
            HeldPiece* piece = NextPiece(HeldPiece.TextWords);
            if (piece != null)
            {
                piece->Literal = literal;
                piece->Length = text.Length;
                piece->Kind = HeldKind.Text;
                return;
            }

            ulong start = Started();
            Append(literal, text.Length);
            Ended(start);
        }
    }

    /// <summary>Appends NUL-terminated bytes, copied now, right-aligned to a width, as <c>%s</c> does.</summary>
    public void Bytes(byte* text, int width)
    {
        if (_held != null && HoldBytes(text, width))
        {
            return;
        }

        ulong start = Started();
        AppendBytes(text, width);
        Ended(start);
    }

    /// <summary>
    /// Stops the machine: writes any held lines, formats the message as <see cref="Print"/> does (no final line end), and calls the panic
    /// handler, which does not return. An unfinished line is dropped.
    /// </summary>
    public void Panic(
        string format,
        ulong a0 = 0,
        ulong a1 = 0,
        ulong a2 = 0,
        ulong a3 = 0,
        ulong a4 = 0,
        ulong a5 = 0,
        ulong a6 = 0,
        ulong a7 = 0)
    {
        DropUnfinished();
        Print(format, a0, a1, a2, a3, a4, a5, a6, a7);
        Stop();
    }

    /// <summary>
    /// Reports a broken contract (Linux's BUG): like <see cref="Panic"/>, with a message that starts with "BUG: " and names the value found
    /// and the value required.
    /// </summary>
    public void Bug(
        string format,
        ulong a0 = 0,
        ulong a1 = 0,
        ulong a2 = 0,
        ulong a3 = 0,
        ulong a4 = 0,
        ulong a5 = 0,
        ulong a6 = 0,
        ulong a7 = 0)
    {
        DropUnfinished();
        Text("BUG: ");
        Print(format, a0, a1, a2, a3, a4, a5, a6, a7);
        Stop();
    }

    private ulong Started()
    {
        if (_clock == null || _releasing)
        {
            return 0;
        }

        _lineTicks = _clock(0);
        return _lineTicks;
    }

    private void Ended(ulong start)
    {
        if (_clock != null && !_releasing)
        {
            _ticksSpent += _clock(start);
        }
    }

    private void DropUnfinished()
    {
        Release();
        _length = 0;
        _cut = false;
    }

    private void Stop()
    {
        int length = _length;
        _length = 0;
        fixed (byte* message = _line)
        {
            _panicHandler(_context, message, length);
        }

        while (true)
        {
            // Reached only when a handler breaks its contract: continuing would corrupt memory.
        }
    }
}
