#nullable enable

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace CosmosBootAlloc.Tests.Shared;

/// <summary>A reference from one of an assembly's types to another, with the rooms (namespaces) that the two stand in.</summary>
internal sealed record Arrow(string FromType, string FromRoom, string ToType, string ToRoom)
{
    /// <inheritdoc/>
    public override string ToString() => $"{FromType} -> {ToType}: room {FromRoom} -> {ToRoom}";
}

/// <summary>
/// A table of rooms in order: a type may refer to types of its own room and of every room listed before it. A room is a namespace and
/// all below it that have no line of their own. References to types outside the table's prefix (the framework, say) are not arrows.
/// </summary>
/// <param name="prefix">Start of every namespace that must be in the table, as <c>CosmosBootAlloc.</c></param>
/// <param name="rooms">Namespaces; an arrow only points at one that stands before.</param>
/// <param name="exceptions">Arrows against the order that are allowed, room to room. They must exist, or they are reported as idle.</param>
internal sealed class RoomTable(string prefix, IReadOnlyList<string> rooms, params (string From, string To)[] exceptions)
{
    /// <summary>What is wrong in an assembly: arrows against the order, types in no room, exceptions that nothing uses.</summary>
    internal List<string> Check(string assembly)
    {
        List<string> faults = [];
        HashSet<(string From, string To)> used = [];
        foreach (Arrow arrow in Arrows.Of(assembly, prefix, RoomOf))
        {
            int from = IndexOf(arrow.FromRoom);
            int to = IndexOf(arrow.ToRoom);
            if (from < 0 || to < 0)
            {
                faults.Add($"{arrow}: the table has no room {(from < 0 ? arrow.FromRoom : arrow.ToRoom)}");
            }
            else if (to > from && !exceptions.Contains((arrow.FromRoom, arrow.ToRoom)))
            {
                faults.Add(arrow.ToString());
            }
            else if (to > from)
            {
                used.Add((arrow.FromRoom, arrow.ToRoom));
            }
        }

        faults.AddRange(exceptions.Where(e => !used.Contains(e)).Select(e => $"{e.From} -> {e.To}: allowed, but no type needs it"));
        return [.. faults.Distinct().Order(StringComparer.Ordinal)];
    }

    private int IndexOf(string room)
    {
        for (int i = 0; i < rooms.Count; i++)
        {
            if (rooms[i] == room)
            {
                return i;
            }
        }

        return -1;
    }

    private string RoomOf(string space)
    {
        string? room = rooms.Where(r => space == r || space.StartsWith(r + ".", StringComparison.Ordinal)).MaxBy(r => r.Length);
        return room ?? space;
    }
}

/// <summary>
/// Reads the references between types from a compiled assembly: base types, interfaces, members, signatures, locals, attributes and code.
/// </summary>
internal static class Arrows
{
    /// <summary>
    /// Every arrow between types whose namespaces start with a prefix, each pair once; those inside one room are left out.
    /// </summary>
    /// <param name="assembly">Path of the assembly.</param>
    /// <param name="prefix">Start of the namespaces of interest.</param>
    /// <param name="roomOf">The room of a namespace.</param>
    internal static IEnumerable<Arrow> Of(string assembly, string prefix, Func<string, string> roomOf)
    {
        using FileStream stream = File.OpenRead(assembly);
        using PEReader image = new(stream);
        MetadataReader metadata = image.GetMetadataReader();
        TypeReferences references = new(metadata);
        HashSet<Arrow> arrows = [];
        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            (string fromSpace, string fromName) = references.NameOf(handle);
            if (!fromSpace.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            foreach ((string toSpace, string toName) in references.From(image, handle))
            {
                string from = roomOf(fromSpace);
                string to = roomOf(toSpace);
                if (from != to && toSpace.StartsWith(prefix, StringComparison.Ordinal))
                {
                    arrows.Add(new Arrow(fromName, from, toName, to));
                }
            }
        }

        return arrows;
    }
}

/// <summary>Collects the types that a type refers to. Nested types count as the outermost one.</summary>
internal sealed class TypeReferences(MetadataReader metadata) : ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>
{
    /// <summary>Namespace and name of a type, which is a definition or a reference; empty for anything else.</summary>
    internal (string Space, string Name) NameOf(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                TypeDefinition definition = metadata.GetTypeDefinition((TypeDefinitionHandle)handle);
                return definition.GetDeclaringType() is { IsNil: false } outer
                    ? NameOf(outer)
                    : (metadata.GetString(definition.Namespace), metadata.GetString(definition.Name));
            case HandleKind.TypeReference:
                TypeReference reference = metadata.GetTypeReference((TypeReferenceHandle)handle);
                return reference.ResolutionScope.Kind == HandleKind.TypeReference
                    ? NameOf(reference.ResolutionScope)
                    : (metadata.GetString(reference.Namespace), metadata.GetString(reference.Name));
            default:
                return ("", "");
        }
    }

    /// <summary>The types that a type and its members name, by namespace and name.</summary>
    internal HashSet<(string Space, string Name)> From(PEReader image, TypeDefinitionHandle handle)
    {
        HashSet<EntityHandle> found = [];
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        Add(found, type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            Add(found, metadata.GetInterfaceImplementation(implemented).Interface);
        }

        AddAttributes(found, type.GetCustomAttributes());
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            FieldDefinition definition = metadata.GetFieldDefinition(field);
            found.UnionWith(definition.DecodeSignature(this, null));
            AddAttributes(found, definition.GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            MethodDefinition definition = metadata.GetMethodDefinition(method);
            AddSignature(found, definition.DecodeSignature(this, null));
            AddAttributes(found, definition.GetCustomAttributes());
            if (definition.RelativeVirtualAddress != 0)
            {
                AddBody(found, image.GetMethodBody(definition.RelativeVirtualAddress));
            }
        }

        return [.. found.Select(NameOf).Where(n => n.Name.Length != 0)];
    }

    private void AddBody(HashSet<EntityHandle> found, MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil)
        {
            foreach (
                ImmutableArray<EntityHandle> local in metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(this, null))
            {
                found.UnionWith(local);
            }
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Add(found, region.CatchType);
        }

        foreach (int token in IlTokens.Read(body.GetILReader()))
        {
            Add(found, System.Reflection.Metadata.Ecma335.MetadataTokens.EntityHandle(token));
        }
    }

    private void AddAttributes(HashSet<EntityHandle> found, CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            Add(found, metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private static void AddSignature(HashSet<EntityHandle> found, MethodSignature<ImmutableArray<EntityHandle>> signature)
    {
        found.UnionWith(signature.ReturnType);
        foreach (ImmutableArray<EntityHandle> parameter in signature.ParameterTypes)
        {
            found.UnionWith(parameter);
        }
    }

    // Whatever a token may name, reduced to types.
    private void Add(HashSet<EntityHandle> found, EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
            case HandleKind.TypeReference:
                found.Add(handle);
                break;
            case HandleKind.TypeSpecification:
                found.UnionWith(metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null));
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                found.Add(method.GetDeclaringType());
                AddSignature(found, method.DecodeSignature(this, null));
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                found.Add(field.GetDeclaringType());
                found.UnionWith(field.DecodeSignature(this, null));
                break;
            case HandleKind.MemberReference:
                MemberReference member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                Add(found, member.Parent);
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    AddSignature(found, member.DecodeMethodSignature(this, null));
                }
                else
                {
                    found.UnionWith(member.DecodeFieldSignature(this, null));
                }

                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(found, specification.Method);
                foreach (ImmutableArray<EntityHandle> argument in specification.DecodeSignature(this, null))
                {
                    found.UnionWith(argument);
                }

                break;
        }
    }

    ImmutableArray<EntityHandle> IConstructedTypeProvider<ImmutableArray<EntityHandle>>.GetArrayType(
        ImmutableArray<EntityHandle> element, ArrayShape shape) => element;

    ImmutableArray<EntityHandle> IConstructedTypeProvider<ImmutableArray<EntityHandle>>.GetByReferenceType(
        ImmutableArray<EntityHandle> element) => element;

    ImmutableArray<EntityHandle> IConstructedTypeProvider<ImmutableArray<EntityHandle>>.GetGenericInstantiation(
        ImmutableArray<EntityHandle> generic, ImmutableArray<ImmutableArray<EntityHandle>> arguments)
        => [.. generic, .. arguments.SelectMany(a => a)];

    ImmutableArray<EntityHandle> IConstructedTypeProvider<ImmutableArray<EntityHandle>>.GetPointerType(
        ImmutableArray<EntityHandle> element) => element;

    ImmutableArray<EntityHandle> ISZArrayTypeProvider<ImmutableArray<EntityHandle>>.GetSZArrayType(
        ImmutableArray<EntityHandle> element) => element;

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetFunctionPointerType(
        MethodSignature<ImmutableArray<EntityHandle>> signature)
        => [.. signature.ReturnType, .. signature.ParameterTypes.SelectMany(p => p)];

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetGenericMethodParameter(
        object? context, int index) => [];

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetGenericTypeParameter(
        object? context, int index) => [];

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetModifiedType(
        ImmutableArray<EntityHandle> modifier, ImmutableArray<EntityHandle> unmodified, bool isRequired) => [.. modifier, .. unmodified];

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetPinnedType(
        ImmutableArray<EntityHandle> element) => element;

    ImmutableArray<EntityHandle> ISignatureTypeProvider<ImmutableArray<EntityHandle>, object?>.GetTypeFromSpecification(
        MetadataReader reader, object? context, TypeSpecificationHandle handle, byte kind)
        => reader.GetTypeSpecification(handle).DecodeSignature(this, context);

    ImmutableArray<EntityHandle> ISimpleTypeProvider<ImmutableArray<EntityHandle>>.GetPrimitiveType(PrimitiveTypeCode code) => [];

    ImmutableArray<EntityHandle> ISimpleTypeProvider<ImmutableArray<EntityHandle>>.GetTypeFromDefinition(
        MetadataReader reader, TypeDefinitionHandle handle, byte kind) => [handle];

    ImmutableArray<EntityHandle> ISimpleTypeProvider<ImmutableArray<EntityHandle>>.GetTypeFromReference(
        MetadataReader reader, TypeReferenceHandle handle, byte kind) => [handle];
}
