using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Simulator.Host;

/// <summary>
/// Physical memory of a simulated machine: a reserved stretch of address space in which only pages that are touched
/// cost memory. Reads of untouched bytes give zero.
/// </summary>
public sealed unsafe class SparseArena : IDisposable
{
    private const int ReadWrite = 3;
    private const int DontNeed = 4;
    private const int PrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;

    /// <summary>Reserves [0, <paramref name="size"/>) bytes of simulated physical memory.</summary>
    /// <exception cref="Win32Exception">The host refuses the reservation.</exception>
    public SparseArena(ulong size)
    {
        Size = size;
        nint p = mmap(0, (nuint)size, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        if (p == -1)
        {
            throw new Win32Exception(
                Marshal.GetLastPInvokeError(),
                $"cannot reserve {size} bytes of address space for the simulated machine");
        }

        Base = (byte*)p;
    }

    /// <summary>Where physical address 0 is.</summary>
    public byte* Base { get; private set; }

    /// <summary>Bytes reserved.</summary>
    public ulong Size { get; }

    /// <summary>
    /// Gives whole pages inside [<paramref name="address"/>, + <paramref name="bytes"/>) back to the host; they read as zeros.
    /// </summary>
    public void Forget(ulong address, ulong bytes)
    {
        ulong start = PageSize.PfnUp(address) << PageSize.Shift;
        ulong end = PageSize.PfnDown(address + bytes) << PageSize.Shift;
        if (start < end)
        {
            // Failing costs memory, nothing else.
            _ = madvise((nint)(Base + start), (nuint)(end - start), DontNeed);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Base != null)
        {
            munmap((nint)Base, (nuint)Size);
            Base = null;
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc")]
    private static extern int madvise(nint address, nuint length, int advice);

    [DllImport("libc", SetLastError = true)]
    private static extern int munmap(nint address, nuint length);
}
