using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.Facts;
using CosmosBootAlloc.Memory.HandOver;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>
/// One boot: what the machine reported, the stages, and the books. Each variant (Configs/) gets it and runs its stages in
/// order; a stage's part of the boot (set-up, log lines, the way to the next stage) is one file beside this one.
/// </summary>
public unsafe struct BootState
{
    /// <summary>The stages' state.</summary>
    public MachineMemory* Memory;

    /// <summary>What firmware and loader reported; only read.</summary>
    public MachineFacts* Facts;

    /// <summary>Options of the kernel command line.</summary>
    public CommandLine Options;

    /// <summary>What RAM there is, and who claimed what of it.</summary>
    public BootBooks Books;

    /// <summary>First pfn after the last page that the page allocator may manage: at most 4 GiB.</summary>
    public uint EndPfn;

    /// <summary>Physical address of the page frame table, in bytes. Set by the boot stage, which allocated and reserved it.</summary>
    public ulong PageTableAddress;

    /// <summary>
    /// Hands every page that is still free to the receiver of the runs; the boot allocator is not used afterwards. Set by the boot stage,
    /// called once by <see cref="BuddyStage"/>.
    /// </summary>
    public delegate*<BootState*, PageRuns*, void> HandOver;

    private delegate*<ulong, ulong> _clock;
    private ulong _chainStart;
    private ulong _stageStart;

    /// <summary>The kernel log.</summary>
    public KernelLog* Log => &Memory->Log;

    /// <summary>Sets up an empty boot and wires the stages to log and memory.</summary>
    /// <param name="memory">The root, zeroed, with <see cref="MachineMemory.Physical"/> and <see cref="MachineMemory.Log"/> set up.</param>
    /// <param name="facts">Complete.</param>
    /// <param name="clock"> Ticks that only rise, less what it is given: an earlier reading, or 0. On the host any counter. (It takes
    /// something because IL2CPU loses the result of a call through a pointer without arguments.) </param>
    public void Init(MachineMemory* memory, MachineFacts* facts, delegate*<ulong, ulong> clock)
    {
        Memory = memory;
        Facts = facts;
        _clock = clock;
        Books.Init(&memory->Log);
        Options.Parse(facts->CommandLine());
        _chainStart = clock(0);
    }

    /// <summary>Starts the clock of a stage.</summary>
    public void BeginStage()
    {
        _stageStart = _clock(0);
    }

    /// <summary>Ticks since <see cref="BeginStage"/>.</summary>
    public ulong StageTicks() => _clock(_stageStart);

    /// <summary>Ticks since <see cref="Init"/>.</summary>
    public ulong TotalTicks() => _clock(_chainStart);
}
