using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Simulator.Host;

/// <summary>
/// A simulated machine: a sparse arena for its physical memory, the root struct of the memory code outside the managed
/// heap (so that it never moves), and its kernel log as a list of lines. Machines share nothing.
/// </summary>
public sealed unsafe class HostMachine : IDisposable
{
    private readonly SparseArena _arena;
    private GCHandle _self;

    /// <summary>Makes a machine whose tables are all empty.</summary>
    /// <param name="physicalBytes">Bytes of simulated physical address space; addresses at or above it must not be touched.</param>
    public HostMachine(ulong physicalBytes = 1UL << 40)
    {
        _arena = new SparseArena(physicalBytes);
        _self = GCHandle.Alloc(this);
        Memory = (MachineMemory*)NativeMemory.AllocZeroed((nuint)sizeof(MachineMemory));
        Memory->Physical.Init(_arena.Base);
        Memory->Log.Init((void*)GCHandle.ToIntPtr(_self), &Sink, &Panic);
    }

    /// <summary>The machine's memory; valid until <see cref="Dispose"/>.</summary>
    public MachineMemory* Memory { get; private set; }

    /// <summary>Bytes of simulated physical address space.</summary>
    public ulong PhysicalBytes => _arena.Size;

    /// <summary>Lines logged so far; a caller may clear it.</summary>
    public List<string> Log { get; } = [];

    /// <summary>Gives the host the memory behind [<paramref name="address"/>, + <paramref name="bytes"/>) back, which must be all zeros:
    /// they are zeros again when read.</summary>
    public void Forget(ulong address, ulong bytes) => _arena.Forget(address, bytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Memory != null)
        {
            NativeMemory.Free(Memory);
            Memory = null;
            _self.Free();
            _arena.Dispose();
        }
    }

    private static void Sink(void* context, byte* line, int length)
    {
        HostMachine machine = (HostMachine)GCHandle.FromIntPtr((nint)context).Target!;
        machine.Log.Add(Encoding.Latin1.GetString(line, length));
    }

    private static void Panic(void* context, byte* message, int length)
    {
        throw new KernelPanicException(Encoding.Latin1.GetString(message, length));
    }
}
