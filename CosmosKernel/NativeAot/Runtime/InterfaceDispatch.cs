using System.Runtime;
using CosmosBootAlloc.Boot.State;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>Finds the method that an interface call means, from the tables that ILCompiler emits behind each type.</summary>
internal static unsafe class InterfaceDispatch
{
    /// <summary>Called by RhpInitialDynamicInterfaceDispatch in Boot/runtime.asm.</summary>
    /// <param name="type">The object's type.</param>
    /// <param name="cell">
    /// The call's dispatch cell: pairs of words up to one that starts with 0; behind that 0, the slot of the interface.
    /// </param>
    /// <returns>The code to jump to; a call that fits no method stops the kernel.</returns>
    [RuntimeExport("ResolveInterface")]
    private static void* Resolve(MethodTable* type, int* cell)
    {
        MethodTable* interfaceType = (MethodTable*)((uint)((byte*)(cell + 1) + cell[1]) & ~3u);
        int* end = cell;
        while (end[0] != 0)
        {
            end += 2;
        }

        int slot = end[1];
        for (MethodTable* t = type; t != null; t = t->RelatedType)
        {
            if ((t->Flags & MethodTable.HasDispatchMap) == 0)
            {
                continue;
            }

            // Behind the interface map: type manager, writable data, then (relative) the dispatch map, a finalizer if any, sealed slots.
            MethodTable** interfaces = MethodTable.Interfaces(t);
            int* optional = (int*)(interfaces + t->InterfaceCount) + 2;
            ushort* map = (ushort*)Relative(optional);
            int* sealedSlots = optional + ((t->Flags & MethodTable.HasFinalizer) != 0 ? 2 : 1);

            int count = map[0] + map[1];
            ushort* row = map + 4;
            for (int i = 0; i < count; i++, row += 3)
            {
                if (row[1] != slot || interfaces[row[0]] != interfaceType)
                {
                    continue;
                }

                int implementation = row[2];
                return implementation < type->VirtualSlotCount
                    ? MethodTable.VirtualSlots(type)[implementation]
                    : Relative((int*)Relative(sealedSlots) + (implementation - t->VirtualSlotCount));
            }
        }

        Fatal.Stop("interface method not found");
        return null;
    }

    private static void* Relative(int* pointer) => (byte*)pointer + *pointer;
}
