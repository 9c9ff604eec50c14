using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Replay;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Replay;

/// <summary>
/// Traces that nobody recorded. What a trace names must never be written outside the simulated memory: that would be this process's own.
/// </summary>
public sealed class HostileTraceTests
{
    private const int TracesPerKind = 1000;
    private const int OperationsPerTrace = 60;

    // Expect the line that wrote into the process's memory, and its kind, to be refused with file, line, what was found, and the limit.
    [Theory]
    [InlineData("bootmem", "bm_init 0x10000000 0x0 0xffff", "'bm_init': the bitmap at pages 0x10000000-0x10000002")]
    [InlineData("bootmem", "bm_init 0xffffffffffffffff 0 1", "'bm_init': the bitmap at pages 0xffffffffffffffff-0x0")]
    [InlineData("bootmem", "bm_init 0 0 0x10000000", "'bm_init': the node at pages 0x0-0x10000000")]
    [InlineData("bootmem", "initmem 0x10000000", "'initmem': the node at pages 0x0-0x10000000")]
    [InlineData("nobootmem", "add_active 0 0x10000000\nbm_alloc 16 1 0", "'bm_alloc': an active range at pages 0x0-0x10000000")]
    public void AWriteOutsideTheSimulatedMemoryIsRefused(string kind, string operations, string expected)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => TraceFiles.Replay($"trace {kind} 1\n{operations}\n"));

        int line = 1 + operations.Split('\n').Length;
        Assert.StartsWith($"test:{line}: {expected} does not lie in the simulated memory, ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("which ends at page 0xff00000", error.Message, StringComparison.Ordinal);
    }

    // Expect the table of reservations not to move into RAM that is not simulated: the only entry lies above it.
    [Fact]
    public void ATableThatWouldMoveOutsideIsRefused()
    {
        StringBuilder trace = new("trace earlyres 1\nadd 0x20000000000 0x10000000 ram\nmapped 0x30000000\n");
        for (int i = 0; i < 40; i++)
        {
            trace.Append($"reserve 0x{0x10000 + (i * 0x2000):x} 0x{0x11000 + (i * 0x2000):x} r\n");
        }

        BadInputException error = Assert.Throws<BadInputException>(() => TraceFiles.Replay(trace.ToString()));

        Assert.Contains("'reserve': the table of reservations may move; RAM at pages 0x20000000-0x20010000", error.Message,
            StringComparison.Ordinal);
    }

    // Expect a trace that would fill the host's memory to be refused.
    [Theory]
    [InlineData("buddy", "zone 0 0x8000000")]
    [InlineData("bootmem", "bm_init 0 0 0xf000000\nbm_free 0x40000000 0x4000000000\nbm_alloc 0x1000000000 1 0")]
    [InlineData("nobootmem", "add_active 0x100 0xf000000\nbm_alloc 0x1000000000 1 0")]
    public void AWriteOfTooMuchIsRefused(string kind, string operations)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => TraceFiles.Replay($"trace {kind} 1\n{operations}\n"));

        Assert.Matches("expected at most (33554432|134217728) at once$", error.Message);
    }

    // 41 allocations of 100 MB: each is given back, but the 41st passes 4 GB. Expect it to be refused, and the 40 before to be made.
    [Fact]
    public void TooMuchZeroingIsRefused()
    {
        string operations = string.Concat(System.Linq.Enumerable.Repeat(
            "bm_alloc 0x6400000 1 0\nbm_free 0x100000 0x6400000\n", 41));
        string trace = $"trace nobootmem 1\nadd_active 0x100 0xf000000\n{operations}";
        BadInputException error = Assert.Throws<BadInputException>(() => TraceFiles.Replay(trace));

        Assert.Contains(":83: 'bm_alloc': the allocations of this trace zero 4299161600 bytes", error.Message, StringComparison.Ordinal);
    }

    // Expect each to end with results, a panic of the stage, or a refusal that names the line; never the process's end.
    [Theory]
    [InlineData("e820")]
    [InlineData("earlyres")]
    [InlineData("bootmem")]
    [InlineData("nobootmem")]
    [InlineData("lmb")]
    [InlineData("memblock")]
    [InlineData("buddy")]
    public void RandomTracesNeverHarmTheProcess(string kind)
    {
        // Every operation of the kind that Linux's recorded traces have, with its forms of arguments.
        string[][] forms = [.. TraceFiles.All().Where(t => t.Kind == kind).SelectMany(t => TraceFiles.Read(t.Kind, t.File).Split('\n'))
            .Where(l => l.Length != 0 && char.IsAsciiLetterLower(l[0]) && !l.StartsWith("trace ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')).DistinctBy(w => (w[0], w.Length))];
        Assert.NotEmpty(forms);
        int refused = 0;
        for (int seed = 0; seed < TracesPerKind; seed++)
        {
            Random random = new(seed);
            StringBuilder trace = new($"trace {kind} 1\n");
            for (int i = 0; i < OperationsPerTrace; i++)
            {
                trace.AppendJoin(' ', Changed(forms[random.Next(forms.Length)], random)).Append('\n');
            }

            try
            {
                using StringReader input = new(trace.ToString());
                Replayer.Replay("test", input, TextWriter.Null);
            }
            catch (BadInputException error)
            {
                Assert.Matches("^test:[0-9]+: ", error.Message);
                refused++;
            }
        }

        Assert.True(refused < TracesPerKind, "every trace was refused: nothing was tried");
    }

    private static IEnumerable<string> Changed(string[] words, Random random)
        => words.Select((word, i) => i == 0 || !char.IsAsciiDigit(word[0]) || random.Next(4) == 0 ? word : Number(random));

    // Small numbers and pages, addresses in and around the simulated memory, powers of two and their neighbors, anything.
    private static string Number(Random random) => random.Next(6) switch
    {
        0 => $"{random.Next(12)}",
        1 => $"0x{random.Next(0x4000):x}",
        2 => $"0x{(ulong)random.Next(0x4000) << 12:x}",
        3 => $"0x{TraceMemory.End - 0x8000 + (ulong)random.Next(0x10000):x}",
        4 => $"0x{(1UL << random.Next(64)) - 1 + (ulong)random.Next(3):x}",
        _ => $"0x{(ulong)random.NextInt64() >> random.Next(64):x}",
    };
}
