using System;
using System.Collections.Generic;
using CosmosBootAlloc.Memory.Buddy;
using CosmosBootAlloc.Memory.Physical;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Heap;

/// <summary>
/// External fragmentation at half occupancy after a million mixed operations, beside a best fit that places every object at the byte:
/// the same sequence in the same amount of memory.
/// </summary>
public sealed unsafe class FragmentationTests(ITestOutputHelper output)
{
    private const uint Pages = 8192;
    private const int Operations = 1_000_000;

    [Theory]
    [InlineData(1, 64)]
    [InlineData(2, 2048)]
    [InlineData(3, 65536)]
    [InlineData(4, 1 << 20)]
    public void TheLargestFreeBlockIsWithinTenPointsOfBestFit(int seed, int largest)
    {
        using HeapUnderTest heap = new(Pages);
        while (heap.Pages->AllocatePages(0, ZoneType.Dma) != PageAllocator.None)
        {
            // One zone, as the best fit has.
        }

        ulong memory = (ulong)heap.Pages->FreePageCount << PageSize.Shift;
        BestFit best = new(memory);
        Random random = new(seed);
        List<(uint Ours, ulong Best, uint Bytes)> live = [];
        ulong occupied = 0;
        for (int i = 0; i < Operations; i++)
        {
            if (occupied < memory / 2 ? random.Next(8) != 0 : random.Next(8) == 0)
            {
                // Sizes spread over the doublings, small ones as often as large ones.
                uint bytes = 8 + (uint)random.Next(1 << random.Next(4, 1 + (int)Math.Log2(largest)));
                void* ours = heap.Raw->Allocate(bytes, 0);
                ulong? theirs = best.Allocate(bytes);
                Assert.True(ours != null
                    && theirs != null, $"operation {i}: {bytes} bytes at half occupancy: ours {ours != null}, best fit {theirs != null}");
                live.Add((heap.Address(ours), theirs!.Value, bytes));
                occupied += bytes;
            }
            else if (live.Count > 0)
            {
                int pick = random.Next(live.Count);
                (uint address, ulong theirs, uint bytes) = live[pick];
                live[pick] = live[^1];
                live.RemoveAt(live.Count - 1);
                heap.Raw->Free(heap.At(address));
                best.Free(theirs, bytes);
                occupied -= bytes;
            }
        }

        heap.AssertSound();
        heap.Raw->Trim();
        double ours100 = 100.0 * LargestRun(heap) / heap.Pages->FreePageCount;
        double best100 = 100.0 * best.LargestFree / best.FreeBytes;
        output.WriteLine($"largest free block against free memory: {ours100:0.0} %, best fit {best100:0.0} %");
        Assert.True(ours100 >= best100 - 10, $"largest free block: {ours100:0.0} % of what is free, best fit {best100:0.0} %");
    }

    /// <summary>Pages of the largest run of free blocks, side by side: what a large object can be made of.</summary>
    private static uint LargestRun(HeapUnderTest heap)
    {
        Zone* zone = &heap.Pages->Dma32;
        uint largest = 0;
        uint run = 0;
        for (uint pfn = zone->StartPfn; pfn < zone->EndPfn;)
        {
            PageState state = zone->BlockAt(pfn, out uint order);
            run = state == PageState.Free ? run + (1u << (int)order) : 0;
            largest = Math.Max(largest, run);
            pfn += 1u << (int)order;
        }

        return largest;
    }

    /// <summary>Best fit with immediate merging, at 8 bytes: as little waste as an allocator that does not move can have.</summary>
    private sealed class BestFit
    {
        private readonly SortedSet<(ulong Size, ulong Start)> _bySize = [];
        private readonly Dictionary<ulong, ulong> _sizeAt = [];
        private readonly Dictionary<ulong, ulong> _startOfEnd = [];

        internal BestFit(ulong size)
        {
            Add(0, size);
            FreeBytes = size;
        }

        internal ulong FreeBytes { get; private set; }

        internal ulong LargestFree => _bySize.Max.Size;

        internal ulong? Allocate(uint bytes)
        {
            ulong size = Rounded(bytes);
            foreach ((ulong found, ulong start) in _bySize.GetViewBetween((size, 0), (ulong.MaxValue, ulong.MaxValue)))
            {
                Remove(start, found);
                if (found > size)
                {
                    Add(start + size, found - size);
                }

                FreeBytes -= size;
                return start;
            }

            return null;
        }

        internal void Free(ulong start, uint bytes)
        {
            ulong size = Rounded(bytes);
            FreeBytes += size;
            if (_startOfEnd.TryGetValue(start, out ulong before))
            {
                ulong joined = start - before;
                Remove(before, joined);
                start = before;
                size += joined;
            }

            if (_sizeAt.TryGetValue(start + size, out ulong behind))
            {
                Remove(start + size, behind);
                size += behind;
            }

            Add(start, size);
        }

        private static ulong Rounded(uint bytes) => (bytes + 7u) & ~7ul;

        private void Add(ulong start, ulong size)
        {
            _bySize.Add((size, start));
            _sizeAt.Add(start, size);
            _startOfEnd.Add(start + size, start);
        }

        private void Remove(ulong start, ulong size)
        {
            _bySize.Remove((size, start));
            _sizeAt.Remove(start);
            _startOfEnd.Remove(start + size);
        }
    }
}
