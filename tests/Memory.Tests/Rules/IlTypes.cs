using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>What the evaluation stack tells apart.</summary>
internal enum IlKind
{
    /// <summary>Nothing.</summary>
    Void,

    /// <summary>32 bits and smaller, Boolean and character too.</summary>
    Int32,

    /// <summary>64 bits.</summary>
    Int64,

    /// <summary>Pointer-sized: nint, pointers, references to variables, function pointers. 32 bits in the kernel.</summary>
    Native,

    /// <summary>float and double.</summary>
    Float,

    /// <summary>A reference to an object.</summary>
    Object,

    /// <summary>A struct by value.</summary>
    Struct,
}

/// <summary>Reduces the types in signatures to <see cref="IlKind"/>. Enums are their numbers.</summary>
internal sealed class IlTypes(MetadataReader metadata) : ISignatureTypeProvider<IlKind, object?>
{
    public IlKind GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
    {
        PrimitiveTypeCode.Void => IlKind.Void,
        PrimitiveTypeCode.Int64 or PrimitiveTypeCode.UInt64 => IlKind.Int64,
        PrimitiveTypeCode.IntPtr or PrimitiveTypeCode.UIntPtr => IlKind.Native,
        PrimitiveTypeCode.Single or PrimitiveTypeCode.Double => IlKind.Float,
        PrimitiveTypeCode.Object or PrimitiveTypeCode.String => IlKind.Object,
        PrimitiveTypeCode.TypedReference => IlKind.Struct,
        _ => IlKind.Int32,
    };

    public IlKind GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        if (rawTypeKind == (byte)SignatureTypeKind.Class)
        {
            return IlKind.Object;
        }

        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            FieldDefinition definition = reader.GetFieldDefinition(field);
            if (reader.StringComparer.Equals(definition.Name, "value__"))
            {
                return definition.DecodeSignature(this, null);
            }
        }

        return IlKind.Struct;
    }

    // A value type of another assembly may be an enum of any size; the memory code uses none, and the rules refuse calls there.
    public IlKind GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        rawTypeKind == (byte)SignatureTypeKind.Class ? IlKind.Object : IlKind.Struct;

    public IlKind GetTypeFromSpecification(
        MetadataReader reader,
        object? genericContext,
        TypeSpecificationHandle handle,
        byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public IlKind GetGenericInstantiation(IlKind genericType, ImmutableArray<IlKind> typeArguments) => genericType;

    public IlKind GetSZArrayType(IlKind elementType) => IlKind.Object;

    public IlKind GetArrayType(IlKind elementType, ArrayShape shape) => IlKind.Object;

    public IlKind GetByReferenceType(IlKind elementType) => IlKind.Native;

    public IlKind GetPointerType(IlKind elementType) => IlKind.Native;

    public IlKind GetFunctionPointerType(MethodSignature<IlKind> signature) => IlKind.Native;

    public IlKind GetPinnedType(IlKind elementType) => elementType;

    public IlKind GetModifiedType(IlKind modifier, IlKind unmodifiedType, bool isRequired) => unmodifiedType;

    public IlKind GetGenericMethodParameter(object? genericContext, int index) => IlKind.Struct;

    public IlKind GetGenericTypeParameter(object? genericContext, int index) => IlKind.Struct;

    /// <summary>The kind of what a type token names.</summary>
    internal IlKind OfToken(EntityHandle token) => token.Kind switch
    {
        HandleKind.TypeDefinition => GetTypeFromDefinition(metadata, (TypeDefinitionHandle)token, 0),
        HandleKind.TypeSpecification => metadata.GetTypeSpecification((TypeSpecificationHandle)token).DecodeSignature(this, null),
        HandleKind.TypeReference => OfReference((TypeReferenceHandle)token),
        _ => IlKind.Struct,
    };

    /// <summary>True for structs and enums: their base is System.ValueType or System.Enum.</summary>
    internal bool IsValueType(TypeDefinition type)
    {
        if (type.BaseType.Kind != HandleKind.TypeReference)
        {
            return false;
        }

        TypeReference parent = metadata.GetTypeReference((TypeReferenceHandle)type.BaseType);
        return metadata.StringComparer.Equals(parent.Namespace, "System")
            && (metadata.StringComparer.Equals(parent.Name, "ValueType") || metadata.StringComparer.Equals(parent.Name, "Enum"));
    }

    private IlKind OfReference(TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        return metadata.GetString(type.Namespace) != "System" ? IlKind.Struct : metadata.GetString(type.Name) switch
        {
            "Int64" or "UInt64" => IlKind.Int64,
            "IntPtr" or "UIntPtr" => IlKind.Native,
            "Single" or "Double" => IlKind.Float,
            "Boolean" or "Char" or "SByte" or "Byte" or "Int16" or "UInt16" or "Int32" or "UInt32" => IlKind.Int32,
            "String" or "Object" => IlKind.Object,
            _ => IlKind.Struct,
        };
    }
}
