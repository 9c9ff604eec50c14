using CosmosBootAlloc.Boot.State;

namespace CosmosBootAlloc.Boot.Panics;

/// <summary>
/// Who called whom, one line a frame, for <c>bootalloc addr2line</c>. Both compilers keep EBP as the chain of frames: at EBP lies the
/// caller's EBP, above it the return address; boot.asm starts the chain with 0. A method without a frame keeps EBP as it is, so the chain
/// names it, and passes over its caller.
/// </summary>
/// <remarks>
/// Nothing is read outside the stack and the code: each frame lies above the one before it, below the top of the stack, at a multiple
/// of four; each address lies in the code. Where the chain breaks early, what looks like a return address on the stack is printed as such.
/// </remarks>
internal static unsafe class Backtrace
{
    private const uint MostFrames = 10;

    // So few say that the chain is broken.
    private const uint FewFrames = 2;
    private const uint MostWords = 1024;

    // The longest call is FF /2 with a SIB byte and a displacement of four bytes.
    private const uint LongestCall = 7;
    private const byte CallRelative = 0xe8;
    private const byte Group5 = 0xff;

    private static uint s_count;

    /// <summary>Prints the frames above a running method.</summary>
    /// <param name="frame">Its EBP.</param>
    internal static void Print(uint frame)
    {
        s_count = 0;
        Walk(frame);
        if (s_count < FewFrames)
        {
            Scan(Cpu.Frame());
        }
    }

    /// <summary>Prints where an exception happened, and the frames above.</summary>
    /// <param name="registers">The registers at the exception.</param>
    internal static void PrintFault(CpuRegisters* registers)
    {
        s_count = 0;
        if (KernelImage.IsCode(registers->Eip))
        {
            Line(registers->Eip, "fault");
        }
        else if (IsOnStack(registers->Esp) && IsReturn(*(uint*)registers->Esp))
        {
            // A jump to where no code is: who called lies on top of the stack.
            Line(*(uint*)registers->Esp, "return");
        }

        Walk(registers->Ebp);
        if (s_count < FewFrames)
        {
            Scan(IsOnStack(registers->Esp) ? registers->Esp : Cpu.Frame());
        }
    }

    private static void Walk(uint frame)
    {
        uint below = Cpu.Frame() - 1;
        while (s_count < MostFrames && frame > below && IsOnStack(frame) && IsOnStack(frame + sizeof(uint)))
        {
            uint address = ((uint*)frame)[1];
            if (!KernelImage.IsCode(address))
            {
                return;
            }

            Line(address, "return");
            below = frame;
            frame = *(uint*)frame;
        }
    }

    private static void Scan(uint stack)
    {
        for (uint i = 0; i < MostWords && s_count < MostFrames && IsOnStack(stack); i++)
        {
            uint word = *(uint*)stack;
            if (IsReturn(word))
            {
                Line(word, "maybe");
            }

            stack += sizeof(uint);
        }
    }

    // The stack in use: from this method's own frame up.
    private static bool IsOnStack(uint address)
        => (address & 3) == 0 && address >= Cpu.Frame() && address < KernelImage.StackTop();

    // In the code, behind a call.
    private static bool IsReturn(uint address)
    {
        if (!KernelImage.IsCode(address) || !KernelImage.IsCode(address - LongestCall))
        {
            return false;
        }

        byte* end = (byte*)address;
        return end[-5] == CallRelative || IsIndirectCall(end - 2) || IsIndirectCall(end - 3) || IsIndirectCall(end - 4)
            || IsIndirectCall(end - 6) || IsIndirectCall(end - 7);
    }

    private static bool IsIndirectCall(byte* code) => code[0] == Group5 && (code[1] & 0x38) == 0x10;

    private static void Line(uint address, string kind)
    {
        KernelState.Log->Print("bootalloc: frame n=%d address=%x kind=", s_count, address);
        KernelState.Log->Text(kind);
        KernelState.Log->Print("\n");
        s_count++;
    }
}
