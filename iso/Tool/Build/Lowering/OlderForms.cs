using System;
using CosmosBootAlloc.Tool.Errors;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>
/// What a 486 does instead of a newer instruction. No form changes a register or a flag that the instruction keeps: memory is moved by push
/// and pop, and a condition becomes a branch. A form may write the 16 bytes below the stack pointer, as any interrupt does.
/// </summary>
public sealed class OlderForms(CompiledCode code, XmmValues values, uint registers)
{
    private const int Words = 4;
    private const int WordBytes = 4;
    private const int XmmBytes = 16;

    /// <summary>True for a register that is cleared and never kept: nothing has to be done for it.</summary>
    public bool IsNothing(int index) => XmmValues.IsClear(code.Instructions[index]) && !values.IsKept(index);

    /// <summary>Writes the older form of an instruction.</summary>
    /// <exception cref="FailedException">There is none.</exception>
    public void Write(Assembler asm, int index)
    {
        Instruction x = code.Instructions[index];
        if (XmmValues.IsClear(x))
        {
            for (int i = 0; i < Words && values.IsKept(index); i++)
            {
                asm.AddInstruction(Instruction.Create(Code.Mov_rm32_imm32, Kept(x.Op0Register, i), 0));
            }
        }
        else if (XmmValues.IsLoad(x))
        {
            Load(asm, index, x);
        }
        else if (XmmValues.IsStore(x))
        {
            Store(asm, index, x);
        }
        else if (x.ConditionCode != ConditionCode.None && x.Op0Register.IsGPR32() && x.OpCount == 2)
        {
            Choose(asm, x);
        }
        else
        {
            throw new FailedException($"{x.IP32:x} {x}: newer than a 486, and no older form of it is known");
        }
    }

    private static Code Opposite(in Instruction x) => x.ConditionCode switch
    {
        ConditionCode.o => Code.Jno_rel32_32,
        ConditionCode.no => Code.Jo_rel32_32,
        ConditionCode.b => Code.Jae_rel32_32,
        ConditionCode.ae => Code.Jb_rel32_32,
        ConditionCode.e => Code.Jne_rel32_32,
        ConditionCode.ne => Code.Je_rel32_32,
        ConditionCode.be => Code.Ja_rel32_32,
        ConditionCode.a => Code.Jbe_rel32_32,
        ConditionCode.s => Code.Jns_rel32_32,
        ConditionCode.ns => Code.Js_rel32_32,
        ConditionCode.p => Code.Jnp_rel32_32,
        ConditionCode.np => Code.Jp_rel32_32,
        ConditionCode.l => Code.Jge_rel32_32,
        ConditionCode.ge => Code.Jl_rel32_32,
        ConditionCode.le => Code.Jg_rel32_32,
        ConditionCode.g => Code.Jle_rel32_32,
        _ => throw new FailedException($"{x.IP32:x} {x}: an unknown condition"),
    };

    // All four words are read before the first is written, so that the two places may overlap.
    private void Load(Assembler asm, int index, in Instruction x)
    {
        if (values.IsPaired(index))
        {
            for (int i = 0; i < Words; i++)
            {
                asm.AddInstruction(Instruction.Create(Code.Push_rm32, Memory(x, i * WordBytes, i * WordBytes)));
            }
        }
        else
        {
            for (int i = 0; i < Words && values.IsKept(index); i++)
            {
                asm.AddInstruction(Instruction.Create(Code.Push_rm32, Memory(x, i * WordBytes)));
                asm.AddInstruction(Instruction.Create(Code.Pop_rm32, Kept(x.Op0Register, i)));
            }
        }
    }

    private void Store(Assembler asm, int index, in Instruction x)
    {
        StoredValue stored = values.Stored(index);
        for (int i = 0; i < Words; i++)
        {
            switch (stored)
            {
                case StoredValue.Zero:
                    asm.AddInstruction(Instruction.Create(Code.Mov_rm32_imm32, Memory(x, i * WordBytes), 0));
                    break;
                case StoredValue.JustLoaded:
                    // The last word is on top. A pop's address counts from the stack pointer after it.
                    int word = Words - 1 - i;
                    asm.AddInstruction(Instruction.Create(Code.Pop_rm32, Memory(x, word * WordBytes, word * WordBytes)));
                    break;
                case StoredValue.Kept:
                    asm.AddInstruction(Instruction.Create(Code.Push_rm32, Kept(x.Op1Register, i)));
                    asm.AddInstruction(Instruction.Create(Code.Pop_rm32, Memory(x, i * WordBytes)));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(index), stored, "expected a stored value");
            }
        }
    }

    private static void Choose(Assembler asm, in Instruction x)
    {
        Label skip = asm.CreateLabel();
        Instruction branch = Instruction.CreateBranch(Opposite(x), skip.Id);
        asm.AddInstruction(branch);
        asm.AddInstruction(
            x.Op1Kind == OpKind.Register
                ? Instruction.Create(Code.Mov_r32_rm32, x.Op0Register, x.Op1Register)
                : Instruction.Create(Code.Mov_r32_rm32, x.Op0Register, Memory(x, 0)));
        asm.Label(ref skip);
    }

    private MemoryOperand Kept(Register register, int word)
        => new(
            Register.None, Register.None, 1,
            (int)(registers + (uint)((XmmBytes * (register - Register.XMM0)) + (WordBytes * word))), WordBytes);

    // The instruction's memory operand, some bytes further on, while so many bytes lie on the stack that it does not know of.
    private static MemoryOperand Memory(in Instruction x, int further, int pushed = 0)
    {
        if (x.SegmentPrefix != Register.None)
        {
            throw new FailedException($"{x.IP32:x} {x}: expected no segment prefix");
        }

        int displacement = unchecked((int)x.MemoryDisplacement32 + further + (x.MemoryBase == Register.ESP ? pushed : 0));
        int size = x.MemoryBase == Register.None || displacement is < sbyte.MinValue or > sbyte.MaxValue
            ? WordBytes
            : displacement == 0 && x.MemoryBase != Register.EBP ? 0 : 1;
        return new MemoryOperand(x.MemoryBase, x.MemoryIndex, x.MemoryIndexScale, displacement, size);
    }
}
