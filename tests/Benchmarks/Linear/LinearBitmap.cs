using System;

namespace CosmosBootAlloc.Benchmarks.Linear;

/// <summary>The boot bitmap the straightforward way: one flag a page, looked at one by one from the hint.</summary>
internal sealed class LinearBitmap(int pages)
{
    private readonly bool[] _free = new bool[pages];
    private readonly byte[] _memory = new byte[pages * (int)Bench.Page];
    private int _hint;
    private ulong _lastEnd;

    internal void Init(int firstFree)
    {
        Array.Fill(_free, true);
        Array.Fill(_free, false, 0, firstFree);
        _hint = 0;
        _lastEnd = 0;
    }

    /// <summary>First fit from the hint; what is less than a page goes on in the tail of the last one.</summary>
    internal ulong Allocate(ulong size, ulong align)
    {
        int wanted = (int)((size + Bench.Page - 1) / Bench.Page);
        int first = _hint;
        int run = 0;
        while (run < wanted)
        {
            run = _free[first + run] ? run + 1 : 0;
            if (run == 0)
            {
                first++;
            }
        }

        ulong start = (ulong)first * Bench.Page;
        ulong address = start;
        if (_lastEnd % Bench.Page != 0 && (_lastEnd / Bench.Page) + 1 == (ulong)first)
        {
            address = (_lastEnd + align - 1) / align * align;
        }

        ulong end = address + size;
        for (int page = first; page < (int)((end + Bench.Page - 1) / Bench.Page); page++)
        {
            _free[page] = false;
        }

        _hint = (int)((end + Bench.Page - 1) / Bench.Page);
        _lastEnd = end;
        Array.Clear(_memory, (int)address, (int)size);
        return address;
    }
}
