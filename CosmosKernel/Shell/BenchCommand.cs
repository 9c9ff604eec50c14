using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.Panics;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.BootSummary;
using CosmosBootAlloc.Kernel.Devices;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>
/// bench: ticks an operation of page allocator and heap. Whoever types it at the keyboard gets a table; over COM1, where programs ask, the
/// lines are those of the log.
/// </summary>
internal sealed unsafe class BenchCommand : Command
{
    private const int NameWidth = 36;
    private const int NumberWidth = 10;

    internal override string Name => "bench";

    internal override string Summary => "ticks per operation of page allocator and heap";

    internal override void Run(ref CommandInput input)
    {
        if (!Input.FromKeyboard)
        {
            Benchmark.Run(KernelState.Console);
            return;
        }

        Column("ticks per operation", NameWidth);
        Terminal.Text("    median       min       max operations\n");
        KernelState.Console->Init(null, &Row, &PanicHandler.Panic);
        Benchmark.Run(KernelState.Console);
        KernelState.Console->Init(null, &Terminal.Line, &PanicHandler.Panic);
    }

    // A line of the log as a row of the table; any other line as it is.
    private static void Row(void* context, byte* line, int length)
    {
        LogWords words = new(line, length);
        if (!words.Is("bootalloc:") || !words.Next() || !words.Is("bench"))
        {
            Terminal.Line(context, line, length);
            return;
        }

        byte* name = words.Find("name", out int found);
        Terminal.Bytes(name, found);
        Blanks(NameWidth - found);
        words.Find("median", out found);
        Number(ref words, found != 0 ? "median" : "ticks_per_op");
        Number(ref words, "min");
        Number(ref words, "max");
        Number(ref words, "ops");
        Terminal.Text("\n");
    }

    private static void Number(ref LogWords words, string key)
    {
        byte* value = words.Find(key, out int found);
        Blanks(NumberWidth - found);
        Terminal.Bytes(value, found);
    }

    private static void Column(string text, int width)
    {
        Terminal.Text(text);
        Blanks(width - text.Length);
    }

    private static void Blanks(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Terminal.Write((byte)' ');
        }
    }
}
