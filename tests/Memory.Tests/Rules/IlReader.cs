using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>One instruction of a method body.</summary>
/// <param name="Offset">Where it starts, in bytes from the start of the body's code.</param>
/// <param name="Code">What it is.</param>
/// <param name="Operand">The number that follows: a constant, an index, a metadata token, or the offset a branch goes to. Floating-point
/// constants are left at 0.</param>
/// <param name="Targets">Where a switch goes; else empty.</param>
/// <param name="Next">Offset of the instruction behind.</param>
internal sealed record IlInstruction(int Offset, OpCode Code, long Operand, int[] Targets, int Next)
{
    /// <summary>The operand as a local or argument number, from the short forms too: ldloc.2 and ldloc.s 2 give 2.</summary>
    internal int Index => Code.OperandType == OperandType.InlineNone ? Code.Name![^1] - '0' : (int)Operand;

    /// <summary>Offsets where execution can go on, in this method.</summary>
    internal IEnumerable<int> Successors
    {
        get
        {
            foreach (int target in Targets)
            {
                yield return target;
            }

            if (Code.OperandType is OperandType.InlineBrTarget or OperandType.ShortInlineBrTarget)
            {
                yield return (int)Operand;
            }

            if (Code.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw))
            {
                yield return Next;
            }
        }
    }
}

/// <summary>Turns the bytes of a method body into instructions. The framework's own table of opcodes says how long each is.</summary>
internal static class IlReader
{
    private static readonly Dictionary<ushort, OpCode> s_codes = MakeTable();

    /// <summary>All instructions, in the order they stand.</summary>
    internal static List<IlInstruction> Read(BlobReader code)
    {
        List<IlInstruction> instructions = [];
        while (code.RemainingBytes > 0)
        {
            int offset = code.Offset;
            ushort value = code.ReadByte();
            if (value == 0xfe)
            {
                value = (ushort)(0xfe00 | code.ReadByte());
            }

            OpCode opcode = s_codes.TryGetValue(value, out OpCode known)
                ? known
                : throw new BadImageFormatException($"IL_{offset:x4}: {value:x} is no opcode");
            int[] targets = [];
            long operand = 0;
            switch (opcode.OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineI:
                    operand = code.ReadSByte();
                    break;
                case OperandType.ShortInlineVar:
                    operand = code.ReadByte();
                    break;
                case OperandType.InlineVar:
                    operand = code.ReadUInt16();
                    break;
                case OperandType.InlineI8:
                    operand = code.ReadInt64();
                    break;
                case OperandType.InlineR:
                    code.ReadInt64();
                    break;
                case OperandType.ShortInlineR:
                    code.ReadInt32();
                    break;
                case OperandType.ShortInlineBrTarget:
                    operand = code.ReadSByte();
                    operand += code.Offset;
                    break;
                case OperandType.InlineBrTarget:
                    operand = code.ReadInt32();
                    operand += code.Offset;
                    break;
                case OperandType.InlineSwitch:
                    targets = new int[code.ReadInt32()];
                    for (int i = 0; i < targets.Length; i++)
                    {
                        targets[i] = code.ReadInt32();
                    }

                    for (int i = 0; i < targets.Length; i++)
                    {
                        targets[i] += code.Offset;
                    }

                    break;
                default:
                    operand = code.ReadInt32();
                    break;
            }

            instructions.Add(new IlInstruction(offset, opcode, operand, targets, code.Offset));
        }

        return instructions;
    }

    private static Dictionary<ushort, OpCode> MakeTable()
    {
        Dictionary<ushort, OpCode> table = [];
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            OpCode code = (OpCode)field.GetValue(null)!;
            table[(ushort)code.Value] = code;
        }

        return table;
    }
}
