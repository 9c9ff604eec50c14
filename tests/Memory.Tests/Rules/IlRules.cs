using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>What keeps the memory code fit for kernels: each is something that IL2CPU gets wrong, or that needs a heap, a run-time
/// library or an FPU while there is none.</summary>
internal enum IlRule
{
    VirtualCall,
    InterfaceCall,
    InterfaceType,
    Box,
    NewObject,
    NewArray,
    ObjectOperation,
    ThrowOrTry,
    Delegate,
    OverflowCheck,
    SignedWideArithmetic,
    WideDivision,
    FloatingPoint,
    OutsideCall,
    StaticField,
    IgnoredResult,
}

/// <summary>A broken rule: where, and what stands there.</summary>
internal sealed record IlViolation(IlRule Rule, string Place, string What)
{
    public override string ToString() => $"{Rule}: {Place}: {What}";
}

/// <summary>Reads a compiled assembly and lists what breaks the rules of the memory code.</summary>
internal sealed class IlRules : IDisposable
{
    /// <summary>The only members of other assemblies that may be called: a string's length, its characters, and where they lie.</summary>
    private static readonly string[] s_allowedOutside =
    [
        "System.String::get_Length",
        "System.String::get_Chars",
        "System.String::GetPinnableReference",
    ];

    /// <summary>Answers that may be ignored, because Linux does and nothing is lost: a map that cannot be sanitized stays as it is, a
    /// table counts the RAM that it has no room for, a number that cannot be read is 0, and bootmem's BUG has spoken.</summary>
    private static readonly string[] s_ignorable =
    [
        "CosmosBootAlloc.Memory.E820.E820Table::Sanitize",
        "CosmosBootAlloc.Memory.E820.E820Map::Sanitize",
        "CosmosBootAlloc.Memory.E820.E820Table::Append",
        "CosmosBootAlloc.Memory.E820.BootOptions::Scan",
        "CosmosBootAlloc.Memory.Bootmem.BootmemAllocator::Reserve",
    ];

    private readonly PEReader _image;
    private readonly MetadataReader _metadata;
    private readonly IlTypes _types;
    private readonly List<IlViolation> _violations = [];

    private IlRules(string file)
    {
        _image = new PEReader(File.OpenRead(file));
        _metadata = _image.GetMetadataReader();
        _types = new IlTypes(_metadata);
    }

    /// <summary>Checks all types of an assembly, or only those nested in one.</summary>
    /// <param name="file">The assembly.</param>
    /// <param name="within">Full name of the type whose nested types are to be checked; null for all.</param>
    internal static List<IlViolation> Check(string file, string? within = null)
    {
        using IlRules rules = new(file);
        foreach (TypeDefinitionHandle handle in rules._metadata.TypeDefinitions)
        {
            if (within == null || rules.NameOf(handle).StartsWith(within + "/", StringComparison.Ordinal))
            {
                rules.CheckType(handle);
            }
        }

        return rules._violations;
    }

    /// <summary>Number of methods with a body in an assembly.</summary>
    internal static int CountMethods(string file)
    {
        using IlRules rules = new(file);
        int count = 0;
        foreach (MethodDefinitionHandle handle in rules._metadata.MethodDefinitions)
        {
            count += rules._metadata.GetMethodDefinition(handle).RelativeVirtualAddress != 0 ? 1 : 0;
        }

        return count;
    }

    public void Dispose() => _image.Dispose();

    private void CheckType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = NameOf(handle);
        if (!type.BaseType.IsNil && NameOf(type.BaseType) == "System.Attribute")
        {
            // The compiler adds attribute classes of its own; nothing runs them.
            return;
        }

        if ((type.Attributes & TypeAttributes.Interface) != 0)
        {
            Report(IlRule.InterfaceType, name, "is an interface");
        }

        if (type.GetInterfaceImplementations().Count > 0)
        {
            Report(IlRule.InterfaceType, name, "implements an interface");
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            CheckField(name, _metadata.GetFieldDefinition(field));
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            CheckMethod(name, _metadata.GetMethodDefinition(method));
        }
    }

    private void CheckField(string type, FieldDefinition field)
    {
        string place = $"{type}::{_metadata.GetString(field.Name)}";
        if ((field.Attributes & FieldAttributes.Static) != 0 && (field.Attributes & FieldAttributes.Literal) == 0)
        {
            Report(IlRule.StaticField, place, "is a static field");
        }

        if (field.DecodeSignature(_types, null) == IlKind.Float)
        {
            Report(IlRule.FloatingPoint, place, "is a floating-point field");
        }
    }

    private void CheckMethod(string type, MethodDefinition method)
    {
        string name = $"{type}::{_metadata.GetString(method.Name)}";
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        MethodBodyBlock body = _image.GetMethodBody(method.RelativeVirtualAddress);
        if (body.ExceptionRegions.Length > 0)
        {
            Report(IlRule.ThrowOrTry, $"{name} IL_{body.ExceptionRegions[0].TryOffset:x4}", "try block");
        }

        IlStack stack = new(_metadata, method, body);
        foreach (IlKind kind in (IEnumerable<IlKind>)[.. stack.Arguments, .. stack.Locals])
        {
            if (kind == IlKind.Float)
            {
                Report(IlRule.FloatingPoint, name, "has a floating-point parameter or local variable");
            }
        }

        List<IlInstruction> instructions = IlReader.Read(body.GetILReader());
        if (body.ExceptionRegions.Length > 0)
        {
            // Handlers start with an object on the stack that nothing pushed; the method is refused already.
            return;
        }

        CheckResults(name, instructions);
        Dictionary<int, IlValue[]> before = stack.Follow(instructions);
        foreach (IlInstruction instruction in instructions)
        {
            string place = $"{name} IL_{instruction.Offset:x4}";
            CheckInstruction(place, instruction);
            if (before.TryGetValue(instruction.Offset, out IlValue[]? values))
            {
                CheckArithmetic(place, instruction, values);
            }
        }
    }

    /// <summary>A call whose bool or pointer is thrown away: where the allocators return "refused", nobody would know.</summary>
    private void CheckResults(string name, List<IlInstruction> instructions)
    {
        for (int i = 1; i < instructions.Count; i++)
        {
            IlInstruction call = instructions[i - 1];
            if (instructions[i].Code == OpCodes.Pop && call.Code == OpCodes.Call
                && ReturnsAnAnswer(MethodOf(call)) && Array.IndexOf(s_ignorable, MemberName(call)) < 0)
            {
                Report(IlRule.IgnoredResult, $"{name} IL_{call.Offset:x4}", MemberName(call));
            }
        }
    }

    private bool ReturnsAnAnswer(EntityHandle method)
    {
        if (method.Kind != HandleKind.MethodDefinition)
        {
            return false;
        }

        BlobReader signature = _metadata.GetBlobReader(_metadata.GetMethodDefinition((MethodDefinitionHandle)method).Signature);
        SignatureHeader header = signature.ReadSignatureHeader();
        if (header.IsGeneric)
        {
            signature.ReadCompressedInteger();
        }

        signature.ReadCompressedInteger();
        return signature.ReadSignatureTypeCode() is SignatureTypeCode.Boolean or SignatureTypeCode.Pointer;
    }

    private void CheckInstruction(string place, IlInstruction instruction)
    {
        OpCode code = instruction.Code;
        string name = code.Name!;
        if (code == OpCodes.Call || code == OpCodes.Callvirt || code == OpCodes.Jmp || code == OpCodes.Ldftn || code == OpCodes.Newobj)
        {
            CheckReference(place, instruction);
        }
        else if (code == OpCodes.Constrained)
        {
            Report(IlRule.VirtualCall, place, name);
        }
        else if (code == OpCodes.Ldvirtftn)
        {
            Report(IlRule.Delegate, place, name);
        }
        else if (code == OpCodes.Box)
        {
            Report(IlRule.Box, place, name);
        }
        else if (code == OpCodes.Newarr)
        {
            Report(IlRule.NewArray, place, name);
        }
        else if (code == OpCodes.Throw || code == OpCodes.Rethrow)
        {
            Report(IlRule.ThrowOrTry, place, name);
        }
        else if (name.Contains(".ovf", StringComparison.Ordinal))
        {
            Report(IlRule.OverflowCheck, place, name);
        }
        else if (name.StartsWith("ldelem", StringComparison.Ordinal) || name.StartsWith("stelem", StringComparison.Ordinal)
            || name.StartsWith("unbox", StringComparison.Ordinal)
            || code == OpCodes.Ldlen || code == OpCodes.Isinst || code == OpCodes.Castclass || code == OpCodes.Ldtoken
                || code == OpCodes.Arglist || code == OpCodes.Mkrefany)
        {
            Report(IlRule.ObjectOperation, place, name);
        }
        else if (name.StartsWith("conv.r", StringComparison.Ordinal) || name.StartsWith("ldc.r", StringComparison.Ordinal)
            || name.StartsWith("ldind.r", StringComparison.Ordinal) && code != OpCodes.Ldind_Ref
                || name.StartsWith("stind.r", StringComparison.Ordinal) && code != OpCodes.Stind_Ref
            || code == OpCodes.Ckfinite)
        {
            Report(IlRule.FloatingPoint, place, name);
        }
        else if (code == OpCodes.Ldsfld || code == OpCodes.Ldsflda || code == OpCodes.Stsfld)
        {
            Report(IlRule.StaticField, place, $"{name} {MemberName(instruction)}");
        }
    }

    /// <summary>An instruction that names a method.</summary>
    private void CheckReference(string place, IlInstruction instruction)
    {
        OpCode code = instruction.Code;
        EntityHandle method = MethodOf(instruction);
        string member = MemberName(instruction);
        string what = $"{code.Name} {member}";
        bool allowedOutside = Array.IndexOf(s_allowedOutside, member) >= 0;
        if (code == OpCodes.Callvirt && !allowedOutside)
        {
            Report(IlRule.VirtualCall, place, what);
        }

        if (method.Kind != HandleKind.MethodDefinition)
        {
            if (!allowedOutside)
            {
                Report(code == OpCodes.Newobj ? IlRule.NewObject : IlRule.OutsideCall, place, what);
            }

            return;
        }

        MethodDefinition definition = _metadata.GetMethodDefinition((MethodDefinitionHandle)method);
        TypeDefinition type = _metadata.GetTypeDefinition(definition.GetDeclaringType());
        if ((type.Attributes & TypeAttributes.Interface) != 0)
        {
            Report(IlRule.InterfaceCall, place, what);
        }

        if (code == OpCodes.Newobj && !_types.IsValueType(type))
        {
            Report(IlRule.NewObject, place, what);
        }

        if (code == OpCodes.Ldftn && (definition.Attributes & MethodAttributes.Static) == 0)
        {
            Report(IlRule.Delegate, place, what);
        }
    }

    /// <summary>An instruction whose operands count.</summary>
    private void CheckArithmetic(string place, IlInstruction instruction, IlValue[] stack)
    {
        OpCode code = instruction.Code;
        bool divides = code == OpCodes.Div || code == OpCodes.Rem;
        bool dividesUnsigned = code == OpCodes.Div_Un || code == OpCodes.Rem_Un;
        if (!divides && !dividesUnsigned && code != OpCodes.Shr)
        {
            return;
        }

        IlValue left = stack[^2];
        IlValue right = stack[^1];
        if (left.Kind == IlKind.Float)
        {
            Report(IlRule.FloatingPoint, place, $"{code.Name} of floating-point numbers");
        }
        else if (left.Kind != IlKind.Int64)
        {
            // 32 bits or pointer-sized: every compiler gets these right.
        }
        else if (!dividesUnsigned)
        {
            Report(IlRule.SignedWideArithmetic, place, $"{code.Name} of signed 64-bit numbers");
        }
        else if (right.Constant is not < 1UL << 32)
        {
            Report(
                IlRule.WideDivision,
                place,
                $"{code.Name} of 64-bit numbers by {(right.Constant is { } value ? $"0x{value:x}" : "a variable")}");
        }
    }

    private void Report(IlRule rule, string place, string what) => _violations.Add(new IlViolation(rule, place, what));

    private EntityHandle MethodOf(IlInstruction instruction)
    {
        EntityHandle handle = MetadataTokens.EntityHandle((int)instruction.Operand);
        return handle.Kind == HandleKind.MethodSpecification
            ? _metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method
            : handle;
    }

    private string MemberName(IlInstruction instruction)
    {
        EntityHandle handle = MethodOf(instruction);
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return $"{NameOf(method.GetDeclaringType())}::{_metadata.GetString(method.Name)}";
            case HandleKind.FieldDefinition:
                FieldDefinition field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                return $"{NameOf(field.GetDeclaringType())}::{_metadata.GetString(field.Name)}";
            default:
                MemberReference member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                return $"{NameOf(member.Parent)}::{_metadata.GetString(member.Name)}";
        }
    }

    private string NameOf(EntityHandle type)
    {
        switch (type.Kind)
        {
            case HandleKind.TypeDefinition:
                TypeDefinition definition = _metadata.GetTypeDefinition((TypeDefinitionHandle)type);
                string name = _metadata.GetString(definition.Name);
                return definition.IsNested
                    ? $"{NameOf(definition.GetDeclaringType())}/{name}"
                    : $"{_metadata.GetString(definition.Namespace)}.{name}";
            case HandleKind.TypeReference:
                TypeReference reference = _metadata.GetTypeReference((TypeReferenceHandle)type);
                return $"{_metadata.GetString(reference.Namespace)}.{_metadata.GetString(reference.Name)}";
            default:
                return "(constructed type)";
        }
    }
}
