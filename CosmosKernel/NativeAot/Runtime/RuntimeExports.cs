using System.Runtime.CompilerServices;
using CosmosBootAlloc.Kernel;
using Internal.Runtime;

namespace System.Runtime;

/// <summary>What <c>new</c> becomes: the compiler calls these exports; the memory is the object heap's, zeroed.</summary>
internal static unsafe class RuntimeExports
{
    [RuntimeExport("RhpNewFast")]
    private static object NewObject(MethodTable* type)
    {
        void** memory = (void**)ObjectMemory.Allocate(type->BaseSize);
        *memory = type;
        return AsObject(memory);
    }

    [RuntimeExport("RhpNewFinalizable")]
    private static object NewFinalizable(MethodTable* type) => NewObject(type);

    [RuntimeExport("RhpNewFastAlign8")]
    private static object NewAligned(MethodTable* type) => NewObject(type);

    [RuntimeExport("RhpNewFastMisalign")]
    private static object NewMisaligned(MethodTable* type) => NewObject(type);

    [RuntimeExport("RhNewObject")]
    private static object RhNewObject(MethodTable* type) => NewObject(type);

    [RuntimeExport("RhpNewArrayFast")]
    internal static object NewArray(MethodTable* type, int count)
    {
        ulong bytes = type->BaseSize + (ulong)type->ElementSize * (uint)count;
        if (count < 0 || bytes > 0xffffffff)
        {
            Fatal.Stop("array size is negative or above 4 GiB");
        }

        uint* memory = (uint*)ObjectMemory.Allocate((uint)bytes);
        memory[0] = (uint)type;
        memory[1] = (uint)count;
        return AsObject(memory);
    }

    [RuntimeExport("RhpNewPtrArrayFast")]
    private static object NewReferenceArray(MethodTable* type, int count) => NewArray(type, count);

    [RuntimeExport("RhpNewArrayFastAlign8")]
    private static object NewAlignedArray(MethodTable* type, int count) => NewArray(type, count);

    [RuntimeExport("RhNewArray")]
    private static object RhNewArray(MethodTable* type, int count) => NewArray(type, count);

    [RuntimeExport("RhBox")]
    private static object RhBox(MethodTable* type, ref byte value)
    {
        object box = NewObject(type);
        uint size = type->BaseSize - (2 * (uint)sizeof(void*));
        fixed (byte* from = &value)
        {
            byte* to = Address(box) + sizeof(void*);
            for (uint i = 0; i < size; i++)
            {
                to[i] = from[i];
            }
        }

        return box;
    }

    [RuntimeExport("RhUnbox2")]
    private static ref byte RhUnbox2(MethodTable* type, object box)
    {
        if ((MethodTable*)box.MethodTablePointer != type)
        {
            Fatal.Stop("unboxed to another type than was boxed");
        }

        return ref *(Address(box) + sizeof(void*));
    }

    // Asked for by the compiler with any unboxing; a boxed nullable is not a thing that kernel code uses.
    [RuntimeExport("RhUnboxNullable")]
    private static void RhUnboxNullable(ref byte destination, MethodTable* type, object box) => Fatal.Stop("unboxing to a nullable type");

    private static void RhUnboxTypeTest(MethodTable* type, MethodTable* boxType)
    {
        if (type != boxType)
        {
            Fatal.Stop("unboxed to another type than was boxed");
        }
    }

    /// <summary>The address of an object's method table pointer.</summary>
    internal static byte* Address(object value) => *(byte**)&value;

    private static object AsObject(void* memory) => *(object*)&memory;
}
