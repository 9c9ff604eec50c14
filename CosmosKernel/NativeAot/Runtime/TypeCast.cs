using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;
using Internal.Runtime;

namespace System.Runtime;

/// <summary>Type tests, casts and stores into arrays of references; called by the compiler by name.</summary>
internal static unsafe class TypeCast
{
    private static object IsInstanceOfClass(MethodTable* type, object value)
    {
        if (value == null)
        {
            return null;
        }

        for (MethodTable* t = TypeOf(value); t != null; t = t->RelatedType)
        {
            if (t == type)
            {
                return value;
            }
        }

        return null;
    }

    private static object IsInstanceOfInterface(MethodTable* type, object value)
    {
        if (value == null)
        {
            return null;
        }

        MethodTable* t = TypeOf(value);
        MethodTable** interfaces = MethodTable.Interfaces(t);
        for (int i = 0; i < t->InterfaceCount; i++)
        {
            if (interfaces[i] == type)
            {
                return value;
            }
        }

        return null;
    }

    private static object IsInstanceOfAny(MethodTable* type, object value)
    {
        return IsInstanceOfClass(type, value) ?? IsInstanceOfInterface(type, value);
    }

    private static bool IsInstanceOfException(MethodTable* type, object value) => IsInstanceOfClass(type, value) != null;

    private static object CheckCastClass(MethodTable* type, object value) => Checked(value, IsInstanceOfClass(type, value));

    private static object CheckCastClassSpecial(MethodTable* type, object value) => CheckCastClass(type, value);

    private static object CheckCastInterface(MethodTable* type, object value) => Checked(value, IsInstanceOfInterface(type, value));

    private static object CheckCastAny(MethodTable* type, object value) => Checked(value, IsInstanceOfAny(type, value));

    private static object Checked(object value, object cast)
    {
        if (value != null && cast == null)
        {
            Fatal.Stop("invalid cast");
        }

        return value;
    }

    /// <summary>array[index] = value. Array covariance is not checked: the kernel does not use it.</summary>
    private static void StelemRef(object[] array, IntPtr index, object value)
    {
        *Element(array, (int)index) = *(void**)&value;
    }

    private static ref object LdelemaRef(object[] array, IntPtr index, MethodTable* elementType)
    {
        return ref *(object*)Element(array, (int)index);
    }

    private static void** Element(object[] array, int index)
    {
        if (array == null)
        {
            Fatal.Stop("null reference");
        }

        if ((uint)index >= (uint)array.Length)
        {
            Fatal.Stop("array index out of range");
        }

        return (void**)(RuntimeExports.Address(array) + (2 * sizeof(void*))) + index;
    }

    private static MethodTable* TypeOf(object value) => (MethodTable*)value.MethodTablePointer;
}
