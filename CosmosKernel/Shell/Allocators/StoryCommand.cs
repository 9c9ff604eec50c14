using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Devices;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>story: how this machine's memory came to be managed, stage by stage: who took what, and who gave what back.</summary>
internal sealed unsafe class StoryCommand : Command
{
    private const int Columns = 64;
    private const int MostRows = 14;
    private const int MostNamed = 6;

    private static Cells s_cells;

    internal override string Name => "story";

    internal override string Summary => "this boot stage by stage, with a picture of memory";

    internal override string Details =>
        "    At the keyboard, space goes on, q ends it. docs/story.md is the long version.\n";

    internal override void Run(ref CommandInput input)
    {
        if (!BootStory.Read())
        {
            KernelState.Console->Print("story: the log no longer holds the boot; restart to see it\n");
            return;
        }

        // Its own pages, not the pager's.
        Terminal.Page(null);
        for (int stage = 0; stage < BootStory.Stages && !Interruption.Wanted(); stage++)
        {
            if (Input.FromKeyboard)
            {
                Terminal.ClearScreen();
            }

            Show(stage);
            if (Input.FromKeyboard && stage + 1 < BootStory.Stages && !GoesOn())
            {
                return;
            }
        }
    }

    private static void Show(int stage)
    {
        KernelLog* console = KernelState.Console;
        console->Print(
            "Stage %d of %d: %s, %d ticks\n", (uint)stage + 1, (uint)BootStory.Stages, (uint)BootStory.StageName(stage),
            BootStory.Ticks(stage));
        Terminal.Text(Sentence(BootStory.StageName(stage)));
        Draw(stage);
        List(console, stage, BootStory.Kind.Taken, "takes: ");
        List(console, stage, BootStory.Kind.GivenBack, "gives back: ");
    }

    // What the stage is for. Two lines at most.
    private static string Sentence(byte* name)
        => Is(name, "e820") ? "The firmware's map of memory, sorted and cleaned: what is RAM, and what is not.\n"
            : Is(name, "early_res") ? "A small table in the image notes what is in use before anything can allocate.\n"
            : Is(name, "bootmem") ? "The first allocator: a bitmap made from the table, a bit a page, called BOOTMAP.\n"
                + "It is memory too, and only for this stage. The page frame table comes from it.\n"
            : Is(name, "nobootmem") ? "bootmem is left out: no bitmap. Whoever asks is served from early_res's table,\n"
                + "in which an allocation is one more entry.\n"
            : Is(name, "lmb") ? "Two sorted lists, memory and reserved, from PowerPC and SPARC: early_res and\n"
                + "bootmem in one. An allocation is one more region in the second.\n"
            : Is(name, "memblock") ? "What lmb became: lists that merge and grow. It replaced early_res and bootmem.\n"
            : Is(name, "buddy") ? "What nobody holds goes to the page allocator, in blocks as large as they can be.\n"
                + "What served the boot alone is given back.\n"
            : Is(name, "cosmos") ? "Cosmos's own calls for memory are served by all this from here on.\n"
            : Is(name, "heap") ? "Objects of a few bytes get slabs, on pages of the page allocator. That is all.\n"
            : "\n";

    private static void List(KernelLog* console, int stage, BootStory.Kind kind, string what)
    {
        int named = 0;
        int more = 0;
        for (int i = 0; i < BootStory.Ranges; i++)
        {
            if (BootStory.At(i, stage) != kind)
            {
                continue;
            }

            if (named == MostNamed)
            {
                more++;
                continue;
            }

            console->Text(named == 0 ? what : named % 3 == 0 ? ",\n    " : ", ");
            console->Print("%s %d kB", (uint)BootStory.RangeName(i), (BootStory.End(i) - BootStory.Start(i) + 1023) >> 10);
            named++;
        }

        if (named == 0)
        {
            console->Text(what);
            console->Text("nothing");
        }

        console->Print(more != 0 ? ", and %d more\n" : "\n", (uint)more);
    }

    private static void Draw(int stage)
    {
        int shift = 12;
        while ((BootStory.EndOfRam - 1) >> shift >= Columns * MostRows)
        {
            shift++;
        }

        int count = (int)((BootStory.EndOfRam - 1) >> shift) + 1;
        for (int i = 0; i < count; i++)
        {
            s_cells.Kind[i] = (byte)BootStory.Kind.None;
        }

        for (int i = 0; i < BootStory.Ranges; i++)
        {
            byte kind = (byte)BootStory.At(i, stage);
            int end = (int)((BootStory.End(i) - 1) >> shift);
            for (int cell = (int)(BootStory.Start(i) >> shift); cell <= end && cell < count; cell++)
            {
                s_cells.Kind[cell] = kind > s_cells.Kind[cell] ? kind : s_cells.Kind[cell];
            }
        }

        for (int i = 0; i < count; i++)
        {
            if (i % Columns == 0)
            {
                Address((uint)i << shift);
            }

            Put(s_cells.Kind[i]);
            if (i % Columns == Columns - 1 || i == count - 1)
            {
                Terminal.Text("\n");
            }
        }

        Legend(BootStory.Kind.Free, " free  ");
        Legend(BootStory.Kind.Held, " held  ");
        Legend(BootStory.Kind.Taken, " taken in this stage  ");
        Legend(BootStory.Kind.GivenBack, " given back in it  ");
        KernelState.Console->Print("1 cell: %d kB\n", 1u << (shift - 10));
    }

    private static void Address(uint address)
    {
        for (int digit = 28; digit >= 0; digit -= 4)
        {
            Terminal.Write((byte)"0123456789abcdef"[(int)(address >> digit) & 15]);
        }

        Terminal.Write((byte)' ');
    }

    private static void Legend(BootStory.Kind kind, string what)
    {
        Put((byte)kind);
        Terminal.Text(what);
    }

    private static void Put(byte kind)
    {
        TextScreen.SetAttribute((byte)(kind == 1 ? 0x08 : kind == 2 ? 0x04 : kind == 3 ? 0x0e : kind == 4 ? 0x0a : 0x00));
        Terminal.WriteScreen(kind == 0 ? (byte)' ' : kind == 1 ? (byte)0xfa : (byte)0xdb);
        TextScreen.SetAttribute(TextScreen.Normal);
        SerialPort.Write((byte)" .#+-"[kind]);
    }

    private static bool Is(byte* name, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (name[i] != text[i])
            {
                return false;
            }
        }

        return name[text.Length] == 0;
    }

    private static bool GoesOn()
    {
        const string question = "-- space: the next stage, q: the end --";
        for (int i = 0; i < question.Length; i++)
        {
            TextScreen.Write((byte)question[i]);
        }

        TextScreen.ShowCursor();
        while (true)
        {
            byte key = Input.ReadKey();
            if (key == ' ' || key == '\n' || key == Keys.Right || key == Keys.Down)
            {
                return true;
            }

            if (key == 'q' || key == 'Q' || key == Keys.Escape || key == InputQueue.ControlC)
            {
                TextScreen.Write((byte)'\n');
                return false;
            }
        }
    }

    private struct Cells
    {
        internal fixed byte Kind[Columns * MostRows];
    }
}
