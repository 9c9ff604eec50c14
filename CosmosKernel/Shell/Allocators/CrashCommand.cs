using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Kernel.Shell.Allocators;

/// <summary>crash KIND: stops the kernel the way a bug would, to see what a panic says.</summary>
internal sealed unsafe class CrashCommand : Command
{
    private const uint Site = 0xc4a54;

    // Static: IL2CPU takes stack arrays from the object heap.
    private static Code s_code;

    internal override string Name => "crash";

    internal override string Usage => "KIND";

    internal override string Summary => "stops the kernel the way a bug would; see 'help crash'";

    internal override string Details =>
        "    crash double-free  an object freed twice: the heap's own panic\n"
        + "    crash opcode       an undefined instruction (#UD)\n"
        + "    crash protection   a segment that does not exist (#GP)\n";

    internal override string Choice(int index)
        => index == 0 ? "double-free" : index == 1 ? "opcode" : index == 2 ? "protection" : null;

    internal override void Run(ref CommandInput input)
    {
        fixed (byte* code = s_code.Bytes)
        {
            if (input.Is(1, "double-free"))
            {
                void* memory = RawMemory.Allocate(100, Site);
                RawMemory.Free(memory);
                RawMemory.Free(memory);
            }
            else if (input.Is(1, "opcode"))
            {
                // ud2
                *(ushort*)code = 0x0b0f;
                ((delegate*<void>)code)();
            }
            else if (input.Is(1, "protection"))
            {
                // mov eax, 0xfff8; mov ds, eax; ret
                *(ulong*)code = 0x00d88e0000fff8b8;
                code[7] = 0xc3;
                ((delegate*<void>)code)();
            }
            else
            {
                KernelState.Console->Print("crash: expected double-free, opcode, or protection\n");
            }
        }
    }

    private struct Code
    {
        internal fixed byte Bytes[16];
    }
}
