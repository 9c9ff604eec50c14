using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.Allocation;
using CosmosBootAlloc.Boot.State;
using Internal.Runtime;

namespace System.Runtime;

/// <summary>What <c>new</c> becomes: the compiler calls these exports; the memory is the object heap's, zeroed.</summary>
internal static unsafe class RuntimeExports
{
    /// <summary>
    /// A new object. The names that the compiler calls (RhpNewFast, ...) are entries in Boot/runtime.asm that add the caller's address.
    /// Objects carry no head before the type, so the 4 bytes that <see cref="MethodTable.BaseSize"/> counts for it are not needed.
    /// </summary>
    [RuntimeExport("NewObject")]
    private static object NewObject(MethodTable* type, uint site)
    {
        void** memory = (void**)ObjectMemory.Allocate(type->BaseSize - (uint)sizeof(void*), site);
        *memory = type;
        return AsObject(memory);
    }

    /// <summary>
    /// A new array or string. Here the 4 bytes stay, behind the elements: a reference to just behind the last element then still lies in
    /// the array.
    /// </summary>
    [RuntimeExport("NewArray")]
    private static object NewArray(MethodTable* type, int count, uint site)
    {
        ulong bytes = type->BaseSize + (ulong)type->ElementSize * (uint)count;
        if (count < 0 || bytes > 0xfffffff0)
        {
            Fatal.Stop("array size is negative or above 4 GiB");
        }

        uint* memory = (uint*)ObjectMemory.Allocate((uint)bytes, site);
        memory[0] = (uint)type;
        memory[1] = (uint)count;
        return AsObject(memory);
    }

    [RuntimeExport("NewBox")]
    private static object NewBox(MethodTable* type, ref byte value, uint site)
    {
        object box = NewObject(type, site);
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

    // The compiler looks the method up here; its body adds the caller and continues in NewBox.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("RhBox")]
    private static extern object RhBox(MethodTable* type, ref byte value);

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
