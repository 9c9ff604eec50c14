namespace Internal.Runtime;

/// <summary>
/// The head of every type as ILCompiler 10 emits it for x86 (20 bytes); the virtual method slots, then the interface map, follow.
/// </summary>
public unsafe struct MethodTable
{
    /// <summary>Low 16 bits: bytes an element (strings and arrays). The other bits are properties of the type.</summary>
    internal uint Flags;

    /// <summary>Bytes of an instance, without elements, with the method table pointer and 4 bytes of header before it.</summary>
    internal uint BaseSize;

    /// <summary>The base class; an array's element type.</summary>
    internal MethodTable* RelatedType;

    internal ushort VirtualSlotCount;
    internal ushort InterfaceCount;
    internal uint HashCode;

    internal const uint HasFinalizer = 0x00100000;
    internal const uint HasDispatchMap = 0x00040000;

    /// <summary>Instances hold references; the map of them lies before the type (<c>MarkStack</c>).</summary>
    internal const uint HasPointers = 0x01000000;

    /// <summary>A string or an array: the number of elements follows the type in the instance.</summary>
    internal const uint HasElements = 0x80000000;

    /// <summary><see cref="HasElements"/>, in one comparison.</summary>
    internal bool HasElementCount => (int)Flags < 0;

    internal uint ElementSize => Flags & 0xffff;

    /// <summary>Bytes of an instance with its elements, and 4 more.</summary>
    internal static uint InstanceBytes(byte* instance, MethodTable* type)
    {
        return (type->Flags & HasElements) == 0 ? type->BaseSize : type->BaseSize + (((uint*)instance)[1] * type->ElementSize);
    }

    internal static void** VirtualSlots(MethodTable* type) => (void**)(type + 1);

    internal static MethodTable** Interfaces(MethodTable* type) => (MethodTable**)(VirtualSlots(type) + type->VirtualSlotCount);
}
