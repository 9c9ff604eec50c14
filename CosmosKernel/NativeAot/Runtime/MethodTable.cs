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

    internal uint ElementSize => Flags & 0xffff;

    internal static void** VirtualSlots(MethodTable* type) => (void**)(type + 1);

    internal static MethodTable** Interfaces(MethodTable* type) => (MethodTable**)(VirtualSlots(type) + type->VirtualSlotCount);
}
