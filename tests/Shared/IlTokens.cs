#nullable enable

using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace CosmosBootAlloc.Tests.Shared;

/// <summary>
/// Reads the metadata tokens out of method bodies; the framework's own table of opcodes says how long each instruction is.
/// </summary>
internal static class IlTokens
{
    private static readonly Dictionary<ushort, OperandType> s_operands = MakeTable();

    /// <summary>The tokens of types, fields and methods in a body, in the order in which they stand.</summary>
    internal static List<int> Read(BlobReader code)
    {
        List<int> tokens = [];
        while (code.RemainingBytes > 0)
        {
            ushort value = code.ReadByte();
            if (value == 0xfe)
            {
                value = (ushort)(0xfe00 | code.ReadByte());
            }

            switch (s_operands[value])
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget:
                case OperandType.ShortInlineI:
                case OperandType.ShortInlineVar:
                    code.Offset += sizeof(byte);
                    break;
                case OperandType.InlineVar:
                    code.Offset += sizeof(ushort);
                    break;
                case OperandType.InlineI8:
                case OperandType.InlineR:
                    code.Offset += sizeof(ulong);
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += targets * sizeof(int);
                    break;
                case OperandType.InlineField:
                case OperandType.InlineMethod:
                case OperandType.InlineTok:
                case OperandType.InlineType:
                    tokens.Add(code.ReadInt32());
                    break;
                default:
                    code.Offset += sizeof(int);
                    break;
            }
        }

        return tokens;
    }

    private static Dictionary<ushort, OperandType> MakeTable()
    {
        Dictionary<ushort, OperandType> table = [];
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            OpCode code = (OpCode)field.GetValue(null)!;
            table[(ushort)code.Value] = code.OperandType;
        }

        return table;
    }
}
