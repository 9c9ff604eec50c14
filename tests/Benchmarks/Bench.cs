using System;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Benchmarks;

/// <summary>What the cases share.</summary>
internal static unsafe class Bench
{
    internal const ulong Page = PageSize.Bytes;
    internal const ulong MiB = 1UL << 20;
    internal const ulong GiB = 1UL << 30;

    /// <summary>A machine whose log is dropped: no case measures how the host keeps lines.</summary>
    internal static HostMachine QuietMachine()
    {
        HostMachine machine = new();
        machine.Memory->Log.Init(null, null, &Panic);
        return machine;
    }

    /// <summary>The numbers 0..count-1 in an order that is the same in every run.</summary>
    internal static uint[] Shuffled(int count, int seed = 1)
    {
        uint[] numbers = new uint[count];
        for (uint i = 0; i < count; i++)
        {
            numbers[i] = i;
        }

        new Random(seed).Shuffle(numbers);
        return numbers;
    }

    /// <summary>Refuses to measure two versions that do different work.</summary>
    internal static void Same<T>(T linear, T ours, string what)
        where T : IEquatable<T>
    {
        if (!linear.Equals(ours))
        {
            throw new InvalidOperationException($"{what}: the linear version gives {linear}, ours {ours}");
        }
    }

    /// <summary>A receiver that only counts the runs.</summary>
    internal static void Count(void* context, ulong pfn, uint order, ulong count) => *(ulong*)context += 1;

    private static void Panic(void* context, byte* message, int length)
    {
        throw new KernelPanicException(System.Text.Encoding.Latin1.GetString(message, length));
    }
}
