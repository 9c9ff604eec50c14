using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>A value on the evaluation stack: its kind, and its bits if it is a constant.</summary>
internal readonly record struct IlValue(IlKind Kind, ulong? Constant = null);

/// <summary>
/// Follows the evaluation stack through a method without running it, so that it can be said of each instruction what its
/// operands are: an IL <c>div</c> does not tell whether it divides 32 or 64 bits. Every path is followed once; where
/// paths meet the kinds agree (IL demands it), constants only survive if they agree too.
/// </summary>
internal sealed class IlStack
{
    private readonly MetadataReader _metadata;
    private readonly IlTypes _types;
    private readonly List<IlKind> _arguments = [];
    private readonly ImmutableArray<IlKind> _locals = [];
    private readonly bool _returnsValue;

    /// <summary>Prepares for one method.</summary>
    internal IlStack(MetadataReader metadata, MethodDefinition method, MethodBodyBlock body)
    {
        _metadata = metadata;
        _types = new IlTypes(metadata);
        MethodSignature<IlKind> signature = method.DecodeSignature(_types, null);
        if (signature.Header.IsInstance)
        {
            _arguments.Add(IlKind.Native);
        }

        _arguments.AddRange(signature.ParameterTypes);
        _returnsValue = signature.ReturnType != IlKind.Void;
        if (!body.LocalSignature.IsNil)
        {
            _locals = metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_types, null);
        }
    }

    /// <summary>Kinds of the arguments, <c>this</c> first.</summary>
    internal IReadOnlyList<IlKind> Arguments => _arguments;

    /// <summary>Kinds of the local variables.</summary>
    internal ImmutableArray<IlKind> Locals => _locals;

    /// <summary>The stack before each instruction that can be reached, top last; by offset.</summary>
    internal Dictionary<int, IlValue[]> Follow(List<IlInstruction> instructions)
    {
        Dictionary<int, IlInstruction> byOffset = [];
        foreach (IlInstruction instruction in instructions)
        {
            byOffset[instruction.Offset] = instruction;
        }

        Dictionary<int, IlValue[]> before = new() { [0] = [] };
        Queue<int> open = new([0]);
        while (open.TryDequeue(out int offset))
        {
            IlInstruction instruction = byOffset[offset];
            IlValue[] after = Step(instruction, before[offset]);
            foreach (int next in instruction.Successors)
            {
                if (!before.TryGetValue(next, out IlValue[]? known))
                {
                    before[next] = after;
                    open.Enqueue(next);
                }
                else if (Meet(known, after) is { } met)
                {
                    before[next] = met;
                    open.Enqueue(next);
                }
            }
        }

        return before;
    }

    /// <summary>What both stacks have in common, or null if that is what is known already.</summary>
    private static IlValue[]? Meet(IlValue[] known, IlValue[] other)
    {
        if (known.Length != other.Length)
        {
            throw new BadImageFormatException($"paths meet with {known.Length} and {other.Length} values on the stack");
        }

        IlValue[]? met = null;
        for (int i = 0; i < known.Length; i++)
        {
            if (known[i].Constant != null && known[i].Constant != other[i].Constant)
            {
                met ??= (IlValue[])known.Clone();
                met[i] = new IlValue(known[i].Kind);
            }
        }

        return met;
    }

    private IlValue[] Step(IlInstruction instruction, IlValue[] stack)
    {
        int pops = Pops(instruction);
        ReadOnlySpan<IlValue> operands = stack.AsSpan(stack.Length - pops);
        List<IlValue> after = [.. stack.AsSpan(0, stack.Length - pops)];
        after.AddRange(Pushes(instruction, operands));
        return [.. after];
    }

    private int Pops(IlInstruction instruction) => instruction.Code.StackBehaviourPop switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8
            or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Varpop when instruction.Code == OpCodes.Ret => _returnsValue ? 1 : 0,
        StackBehaviour.Varpop => CallPops(instruction),
        _ => 3,
    };

    private int CallPops(IlInstruction instruction)
    {
        MethodSignature<IlKind> signature = SignatureOf(instruction);
        int pops = signature.ParameterTypes.Length;
        if (instruction.Code == OpCodes.Calli)
        {
            pops++;
        }

        return signature.Header.IsInstance && instruction.Code != OpCodes.Newobj ? pops + 1 : pops;
    }

    private IlValue[] Pushes(IlInstruction instruction, ReadOnlySpan<IlValue> operands)
    {
        OpCode code = instruction.Code;
        if (code == OpCodes.Dup)
        {
            return [operands[0], operands[0]];
        }

        if (code == OpCodes.Newobj)
        {
            return [new IlValue(IsStructConstructor(instruction) ? IlKind.Struct : IlKind.Object)];
        }

        switch (code.StackBehaviourPush)
        {
            case StackBehaviour.Push0:
                return [];
            case StackBehaviour.Varpush:
                IlKind result = SignatureOf(instruction).ReturnType;
                return result == IlKind.Void ? [] : [new IlValue(result)];
            case StackBehaviour.Pushi8:
                return [new IlValue(IlKind.Int64, ConstantOf(instruction, operands))];
            case StackBehaviour.Pushr4 or StackBehaviour.Pushr8:
                return [new IlValue(IlKind.Float)];
            case StackBehaviour.Pushref:
                return [new IlValue(IlKind.Object)];
            case StackBehaviour.Pushi:
                return [IsNative(code) ? new IlValue(IlKind.Native) : new IlValue(IlKind.Int32, ConstantOf(instruction, operands))];
            default:
                return [new IlValue(KindOfPush1(instruction, operands))];
        }
    }

    /// <summary>The table of opcodes calls "i" what has 32 bits and what is pointer-sized.</summary>
    private static bool IsNative(OpCode code)
    {
        string name = code.Name!;
        return name.StartsWith("ldloca", StringComparison.Ordinal) || name.StartsWith("ldarga", StringComparison.Ordinal)
            || code == OpCodes.Ldflda || code == OpCodes.Ldsflda || code == OpCodes.Ldelema || code == OpCodes.Unbox
                || code == OpCodes.Localloc
            || code == OpCodes.Ldftn || code == OpCodes.Ldvirtftn || code == OpCodes.Ldind_I || code == OpCodes.Ldlen
                || code == OpCodes.Ldelem_I
            || name is "conv.i" or "conv.u" || name.StartsWith("conv.ovf.i.", StringComparison.Ordinal)
                || name.StartsWith("conv.ovf.u.", StringComparison.Ordinal)
            || name is "conv.ovf.i" or "conv.ovf.u" or "arglist" or "refanyval";
    }

    private IlKind KindOfPush1(IlInstruction instruction, ReadOnlySpan<IlValue> operands)
    {
        OpCode code = instruction.Code;
        string name = code.Name!;
        if (name.StartsWith("ldloc", StringComparison.Ordinal))
        {
            return _locals[instruction.Index];
        }

        if (name.StartsWith("ldarg", StringComparison.Ordinal))
        {
            return _arguments[instruction.Index];
        }

        if (code == OpCodes.Ldfld || code == OpCodes.Ldsfld)
        {
            return FieldKind(MetadataTokens.EntityHandle((int)instruction.Operand));
        }

        if (code == OpCodes.Ldobj || code == OpCodes.Unbox_Any || code == OpCodes.Ldelem)
        {
            return _types.OfToken(MetadataTokens.EntityHandle((int)instruction.Operand));
        }

        if (code == OpCodes.Mkrefany)
        {
            return IlKind.Struct;
        }

        // Arithmetic: the wider operand; a shift has the kind of what is shifted.
        IlKind first = operands[0].Kind;
        if (operands.Length == 1 || code == OpCodes.Shl || code == OpCodes.Shr || code == OpCodes.Shr_Un)
        {
            return first;
        }

        return operands[1].Kind == IlKind.Native ? IlKind.Native : first;
    }

    private static ulong? ConstantOf(IlInstruction instruction, ReadOnlySpan<IlValue> operands)
    {
        OpCode code = instruction.Code;
        if (code == OpCodes.Ldc_I4_M1)
        {
            return ulong.MaxValue;
        }

        if (code.Name!.StartsWith("ldc.", StringComparison.Ordinal))
        {
            return code.OperandType == OperandType.InlineNone ? (ulong)instruction.Index : (ulong)instruction.Operand;
        }

        // Constants are kept sign-extended from 32 bits, so conv.u8 has to cut them.
        return code.Name switch
        {
            "conv.i8" or "conv.i4" => operands[0].Constant,
            "conv.u8" or "conv.u4"
                => operands[0].Kind == IlKind.Int32 && operands[0].Constant is { } value ? (uint)value : operands[0].Constant,
            _ => null,
        };
    }

    private bool IsStructConstructor(IlInstruction instruction)
    {
        EntityHandle method = MetadataTokens.EntityHandle((int)instruction.Operand);
        return method.Kind == HandleKind.MethodDefinition
            && _types.IsValueType(
                _metadata.GetTypeDefinition(_metadata.GetMethodDefinition((MethodDefinitionHandle)method).GetDeclaringType()));
    }

    private IlKind FieldKind(EntityHandle field) => field.Kind == HandleKind.FieldDefinition
        ? _metadata.GetFieldDefinition((FieldDefinitionHandle)field).DecodeSignature(_types, null)
        : _metadata.GetMemberReference((MemberReferenceHandle)field).DecodeFieldSignature(_types, null);

    private MethodSignature<IlKind> SignatureOf(IlInstruction instruction)
    {
        EntityHandle handle = MetadataTokens.EntityHandle((int)instruction.Operand);
        while (handle.Kind == HandleKind.MethodSpecification)
        {
            handle = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        }

        return handle.Kind switch
        {
            HandleKind.MethodDefinition => _metadata.GetMethodDefinition((MethodDefinitionHandle)handle).DecodeSignature(_types, null),
            HandleKind.MemberReference => _metadata.GetMemberReference((MemberReferenceHandle)handle).DecodeMethodSignature(_types, null),
            _ => _metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(_types, null),
        };
    }
}
