using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Errors;
using CsCheck;
using Iced.Intel;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace CosmosBootAlloc.Tool.Tests.Lowering;

/// <summary>Each form, and random functions of them: the host executes the original and the lowered one, which must do the same.</summary>
public sealed class LoweringTests : IDisposable
{
    private const uint AllFlags = 0x8d5;

    private static readonly Register[] s_registers =
    [
        Register.EAX, Register.ECX, Register.EDX, Register.EBX, Register.ESP, Register.EBP, Register.ESI, Register.EDI,
    ];

    private static readonly Register[] s_bases = [Register.EBP, Register.ESI, Register.EDI];

    private readonly string _folder = Directory.CreateTempSubdirectory("lowering").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0u)]
    [InlineData(AllFlags)]
    [InlineData(0x801u)]
    [InlineData(0xc4u)]
    public void EveryConditionChooses(uint flags)
    {
        Same(Registers(7), flags, asm =>
        {
            for (int condition = 0; condition < 16; condition++)
            {
                asm.AddInstruction(Instruction.Create(Move(condition), s_registers[condition % 3], Memory(condition * 257)));
                asm.AddInstruction(Instruction.Create(Move(condition), s_registers[(condition + 1) % 3], s_registers[condition % 8]));
            }
        });
    }

    [Fact]
    public void MemoryIsClearedAndCopied()
    {
        Same(Registers(3), AllFlags, asm =>
        {
            asm.xorps(xmm4, xmm4);
            asm.movups(__xmmword_ptr[ebp - 64], xmm4);
            asm.movups(__xmmword_ptr[esp + 16], xmm4);
            asm.movups(xmm0, __xmmword_ptr[esi + 3]);
            asm.movups(__xmmword_ptr[esi + 7], xmm0);
            asm.movups(xmm0, __xmmword_ptr[esp + 40]);
            asm.movups(__xmmword_ptr[esp + 36], xmm0);
            asm.movups(xmm1, __xmmword_ptr[esi]);
            asm.movups(xmm2, __xmmword_ptr[esi + 9]);
            asm.movups(__xmmword_ptr[esi + 4], xmm1);
            asm.movups(__xmmword_ptr[esp + 80], xmm2);
        });
    }

    [Fact]
    public void ATableOfJumpsKeepsItsTargets()
    {
        for (uint choice = 0; choice < 3; choice++)
        {
            // Each case begins with a newer instruction of three bytes: the next target must not be overwritten.
            uint[] registers = Registers(choice);
            registers[0] = choice;
            List<uint> cases = [];
            void Function(Assembler asm)
            {
                asm.lea(ecx, __[NativeProgram.Table]);
                asm.mov(ecx, __dword_ptr[ecx + (eax * 4)]);
                asm.lea(edx, __[NativeProgram.CodeStart]);
                asm.add(ecx, edx);
                asm.jmp(ecx);
                asm.cmove(eax, ebx);
                asm.mov(edx, 1);
                asm.cmovne(ecx, ebx);
                asm.mov(edx, 2);
                asm.cmova(eax, esi);
                asm.mov(edx, 3);
                asm.ret();
            }

            NativeProgram program = new(Function, registers, 0);
            foreach (Instruction x in CompiledCode.Decode(program.Image, program.Layout.Start, program.Layout.End))
            {
                if (x.Mnemonic is Mnemonic.Cmove or Mnemonic.Cmovne or Mnemonic.Cmova)
                {
                    cases.Add(x.IP32 - NativeProgram.CodeStart);
                }
            }

            program.PutTable([.. cases, 0xffffffff]);
            byte[] expected = program.Run(_folder);
            CodeImage image = program.Image;
            LoweringResult result = ImageLowering.Run(image, program.Layout);
            Assert.Equal((3, 1), (result.Replaced, result.Tables));
            Assert.Empty(CodeProof.Of(image).Newer);
            Assert.Equal(expected, program.Run(_folder));
        }
    }

    [Fact]
    public void RandomFunctionsDoTheSame()
    {
        int done = 0;
        int left = 0;
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1 << 24], (kind, how) => (kind, how)).Array[1, 30].Sample(
            operations =>
            {
                try
                {
                    Same(Registers((uint)operations[0].how), (uint)operations[0].how & AllFlags, asm => Write(asm, operations));
                    done++;
                }
                catch (FailedException fault) when (fault.Message.Contains("no room for a jump", StringComparison.Ordinal))
                {
                    left++;
                }
            },
            iter: 300,
            threads: 1);
        Assert.True(done > 2 * left, $"{done} functions compared, {left} without room for a jump");
    }

    [Theory]
    [InlineData("addps")]
    [InlineData("fld1")]
    [InlineData("movaps")]
    public void WhatIsNotUnderstoodIsNamed(string what)
    {
        NativeProgram program = new(
            asm =>
            {
                asm.nop();
                switch (what)
                {
                    case "addps":
                        asm.addps(xmm0, xmm1);
                        break;
                    case "fld1":
                        asm.fld1();
                        break;
                    default:
                        asm.movaps(xmm0, xmm1);
                        break;
                }

                asm.mov(eax, 1);
                asm.ret();
            },
            Registers(0), 0);
        FailedException fault = Assert.Throws<FailedException>(() => ImageLowering.Run(program.Image, program.Layout));
        Assert.StartsWith($"10002001 {what}", fault.Message, StringComparison.Ordinal);
        Assert.NotEmpty(CodeProof.Of(program.Image).Newer);
    }

    [Fact]
    public void AStoreOfNothingAndAJumpThatNobodyKnowsAreNamed()
    {
        NativeProgram store = new(asm => { asm.movups(__xmmword_ptr[esi + 1], xmm3); asm.ret(); }, Registers(0), 0);
        Assert.Contains(
            "nothing sets XMM3", Assert.Throws<FailedException>(() => ImageLowering.Run(store.Image, store.Layout)).Message,
            StringComparison.Ordinal);
        NativeProgram jump = new(asm => asm.jmp(eax), Registers(0), 0);
        Assert.StartsWith(
            "10002000 jmp eax: expected a jump table",
            Assert.Throws<FailedException>(() => ImageLowering.Run(jump.Image, jump.Layout)).Message, StringComparison.Ordinal);
    }

    // eax, ecx, edx: anything. ebx: a small index. The others point into the arena's lower part.
    private static uint[] Registers(uint seed)
    {
        Random random = new((int)seed);
        uint middle = NativeProgram.Arena + 64;
        return
        [
            (uint)random.Next(), seed, (uint)random.Next(-5, 5), (uint)random.Next(5), 0, middle, middle + (uint)random.Next(4),
            middle + (uint)random.Next(4),
        ];
    }

    private static Code Move(int condition) => (Code)((int)Code.Cmovo_r32_rm32 + (3 * (condition & 15)));

    // Every way of addressing 16 bytes of the arena.
    private static MemoryOperand Memory(int how)
    {
        int near = (how >> 4) % 80;
        Register some = s_bases[(how >> 2) % 3];
        return (how & 7) switch
        {
            0 => new MemoryOperand(Register.ESP, Register.None, 1, 8 + near, 1),
            1 => new MemoryOperand(Register.ESP, Register.EBX, 1 << (how >> 12 & 3), 8 + near, 1),
            2 => new MemoryOperand(Register.None, Register.None, 1, (int)NativeProgram.Arena + near, 4),
            3 => new MemoryOperand(some, Register.EBX, 1 << (how >> 12 & 3), near - 64, 1),
            4 => new MemoryOperand(some, Register.EBX, 1 << (how >> 12 & 3), near - 64, 4),
            5 => new MemoryOperand(some, Register.None, 1, 0, some == Register.EBP ? 1 : 0),
            _ => new MemoryOperand(some, Register.None, 1, near - 64, 1),
        };
    }

    private static void Write(Assembler asm, (int Kind, int How)[] operations)
    {
        // Each register is set on every way, as the compiler does.
        for (int i = 0; i < 3; i++)
        {
            Register xmm = Register.XMM0 + i;
            asm.AddInstruction(
                (operations[0].How >> i & 1) != 0
                    ? Instruction.Create(Code.Xorps_xmm_xmmm128, xmm, xmm)
                    : Instruction.Create(Code.Movups_xmm_xmmm128, xmm, Memory(operations[0].How >> i)));
        }

        Label loop = asm.CreateLabel();
        bool loops = operations.Length % 2 == 0;
        if (loops)
        {
            asm.mov(edx, 3);
            asm.Label(ref loop);
        }

        Label? open = null;
        foreach ((int kind, int how) in operations)
        {
            Register xmm = Register.XMM0 + (how % 3);
            Register to = s_registers[how % (loops ? 2 : 3)];
            switch (kind)
            {
                case 0:
                    asm.AddInstruction(Instruction.Create(Code.Xorps_xmm_xmmm128, xmm, xmm));
                    break;
                case 1:
                    asm.AddInstruction(Instruction.Create(Code.Movups_xmm_xmmm128, xmm, Memory(how)));
                    asm.AddInstruction(Instruction.Create(Code.Movups_xmmm128_xmm, Memory(how / 5), xmm));
                    break;
                case 2:
                    asm.AddInstruction(Instruction.Create(Code.Movups_xmm_xmmm128, xmm, Memory(how)));
                    break;
                case 3:
                case 4:
                    asm.AddInstruction(Instruction.Create(Code.Movups_xmmm128_xmm, Memory(how), xmm));
                    break;
                case 5:
                    asm.AddInstruction(Instruction.Create(Move(how >> 8), to, s_registers[(how >> 4) % 8]));
                    break;
                case 6:
                    asm.AddInstruction(Instruction.Create(Move(how >> 8), to, Memory(how)));
                    break;
                case 7:
                    asm.AddInstruction(Instruction.Create(Code.Add_rm32_r32, to, s_registers[(how >> 4) % 8]));
                    break;
                case 8:
                    asm.AddInstruction(Instruction.Create(Code.Cmp_r32_rm32, to, Memory(how)));
                    break;
                default:
                    Label skip = asm.CreateLabel();
                    if (open is { } before)
                    {
                        asm.Label(ref before);
                        asm.nop();
                    }

                    asm.AddInstruction(Instruction.CreateBranch((Code)((int)Code.Jo_rel32_32 + (3 * (how & 15))), skip.Id));
                    open = skip;
                    break;
            }
        }

        if (open is { } last)
        {
            asm.Label(ref last);
            asm.nop();
        }

        if (loops)
        {
            asm.dec(edx);
            asm.jne(loop);
        }

        asm.ret();
    }

    private void Same(uint[] registers, uint flags, Action<Assembler> body)
    {
        NativeProgram program = new(
            asm =>
            {
                body(asm);
                asm.ret();
            },
            registers, flags);
        byte[] expected = program.Run(_folder);
        CodeImage image = program.Image;
        ImageLowering.Run(image, program.Layout);
        Assert.Empty(CodeProof.Of(image).Newer);
        Assert.Equal(expected, program.Run(_folder));
    }
}
