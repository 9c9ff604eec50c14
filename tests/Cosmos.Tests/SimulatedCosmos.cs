using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Cosmos.Core;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Configs;
using CosmosBootAlloc.Contract;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Plugs.Collection;
using CosmosBootAlloc.Plugs.Heaps;
using CosmosBootAlloc.Simulator.Host;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>All tests on the simulated machine run one after another: the kernel's statics are one machine.</summary>
[CollectionDefinition(nameof(SimulatedCosmos))]
public sealed class SimulatedCosmosCollection : ICollectionFixture<SimulatedCosmos>;

/// <summary>
/// A machine of 64 MB below 4 GiB of this process's addresses, so that a pointer fits into Cosmos's 32 bits, with the chain run and the
/// heaps started as at boot; and three types in Cosmos's tables.
/// </summary>
public sealed unsafe class SimulatedCosmos : ISimulatedMachine, IDisposable
{
    /// <summary>A type without references.</summary>
    public const uint Plain = 0;

    /// <summary>A class with two references, 12 and 20 bytes from its start.</summary>
    public const uint Node = 1;

    /// <summary>A struct with a number and one reference, 8 bytes from its start; 16 bytes.</summary>
    public const uint Pair = 2;

    /// <summary>A class with a <see cref="Pair"/> 12 bytes from its start.</summary>
    public const uint Holder = 3;

    private const uint MegaByte = 1024 * 1024;
    private const nuint Bytes = 64 * MegaByte;
    private const uint ImageEnd = 2 * MegaByte;
    private const int FrameWords = 3;
    private const int StackWords = 64;
    private const int LowAnonymous = 0x02 | 0x20 | 0x40 | 0x4000;

    private readonly byte* _memory;

    /// <summary>Boots it.</summary>
    public SimulatedCosmos()
    {
        nint memory = mmap(0, Bytes, 3, LowAnonymous, -1, 0);
        if (memory == -1)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "no 64 MB below 2 GiB in this process");
        }

        _memory = (byte*)memory;
        Simulation.Machine = this;
        *KernelState.Memory = default;
        KernelState.Memory->Physical.Init(_memory);
        KernelState.Memory->Log.Init(null, &Line, &Panic);
        MachineFacts* facts = KernelState.Facts;
        facts->AddMapEntry(0, 0x9f000, 1);
        facts->AddMapEntry(MegaByte, Bytes - MegaByte, 1);
        facts->TextStart = MegaByte;
        facts->TextEnd = ImageEnd;
        facts->ImageEnd = ImageEnd;
        KernelState.Boot->Init(KernelState.Memory, facts, &NoClock);
        NoBootmemVariant.Run(KernelState.Boot);
        ManagedHeap.Start();
        GarbageCollection.Use(&Collector.Collect);
        Shortage.Init();
        PageTable.Start();
        VTablesImpl.mTypes = new VTable[4];
        VTablesImpl.gcTypes = new GCTable[4];
        VTablesImpl.mTypes[Pair].IsValueType = true;
        VTablesImpl.mTypes[Pair].IsStruct = true;
        Set(Plain, [], []);
        Set(Node, [12, 20], [Node, Node]);
        Set(Pair, [8], [Node]);
        Set(Holder, [12], [Pair]);
    }

    /// <inheritdoc/>
    public uint EndOfKernel => (uint)_memory + ImageEnd;

    /// <inheritdoc/>
    public uint StackPointer => (uint)_memory + MegaByte;

    /// <inheritdoc/>
    public uint StackStart => StackPointer + ((FrameWords + StackWords) * sizeof(uint));

    /// <inheritdoc/>
    public uint BootInformation => 0;

    /// <summary>What Heap.Collect finds at its own frame: the caller's frame, the return address, room for the result.</summary>
    public Span<uint> Frame => new((void*)StackPointer, FrameWords);

    /// <summary>The simulated stack above it.</summary>
    public Span<uint> Stack => new((void*)(StackPointer + (FrameWords * sizeof(uint))), StackWords);

    /// <inheritdoc/>
    public void Dispose()
    {
        munmap((nint)_memory, Bytes);
    }

    private static void Set(uint type, uint[] offsets, uint[] types)
        => VTablesImpl.gcTypes[type] = new GCTable { GCFieldCount = (uint)offsets.Length, GCFieldOffsets = offsets, GCFieldTypes = types };

    private static ulong NoClock(ulong since) => 0;

    private static void Line(void* context, byte* line, int length)
    {
    }

    private static void Panic(void* context, byte* message, int length)
        => throw new KernelPanicException(Encoding.Latin1.GetString(message, length));

    [DllImport("libc", SetLastError = true)]
    private static extern nint mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", SetLastError = true)]
    private static extern int munmap(nint address, nuint length);
}
