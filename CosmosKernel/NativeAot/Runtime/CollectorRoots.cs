using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Heap;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>Where reachability starts.</summary>
internal static unsafe class CollectorRoots
{
    private static FrozenObjects s_frozen;

    /// <summary>Forgets which objects of the image have references: before the first collection.</summary>
    internal static void Init() => s_frozen.Count = -1;

    /// <summary>The storage of static references: one object a class, which <see cref="Startup"/> allocated.</summary>
    internal static void Statics(MarkStack* marks)
    {
        ModuleSection* section = Startup.StaticReferences;
        if (section == null)
        {
            return;
        }

        for (byte* p = section->Start; p < section->End; p += sizeof(int))
        {
            uint* cell = (uint*)(p + *(int*)p);

            // Bit 0: not attached yet.
            if ((*cell & 1) == 0)
            {
                marks->Reach(*cell);
            }
        }
    }

    /// <summary>
    /// Objects in the image: string literals, and what the compiler could make of static initializers. Which of them have references is
    /// found once; nearly all are strings, which have none.
    /// </summary>
    internal static void Frozen(MarkStack* marks)
    {
        if (s_frozen.Count < 0)
        {
            FindFrozen();
        }

        for (int i = 0; i < s_frozen.Count; i++)
        {
            byte* memory = (byte*)s_frozen.Address[i];
            marks->Follow(memory, *(MethodTable**)memory);
            marks->Drain();
        }
    }

    // They lie one behind the other, each with 4 bytes before its type, up to one without a type.
    private static void FindFrozen()
    {
        s_frozen.Count = 0;
        ModuleSection* section = Startup.FrozenObjects;
        if (section == null)
        {
            return;
        }

        byte* memory = section->Start + sizeof(uint);
        while (memory < section->End)
        {
            MethodTable* type = *(MethodTable**)memory;
            if (type == null)
            {
                break;
            }

            if ((type->Flags & MethodTable.HasPointers) != 0)
            {
                if (s_frozen.Count == FrozenObjects.Most)
                {
                    Fatal.Stop("more objects with references in the image than the collector's table has room for");
                }

                s_frozen.Address[s_frozen.Count] = (uint)memory;
                s_frozen.Count++;
            }

            memory += (MethodTable.InstanceBytes(memory, type) + (sizeof(uint) - 1)) & ~(uint)(sizeof(uint) - 1);
        }
    }

    /// <summary>Every word from the stack pointer to the stack's top; the registers are among them.</summary>
    internal static void Stack(MarkStack* marks, SlabHeap* heap, uint* from)
    {
        uint* top = (uint*)KernelImage.StackTop();
        uint imageEnd = KernelImage.End();
        for (uint* at = from; at < top; at++)
        {
            void* memory = *at < imageEnd ? null : heap->Find(*at);
            if (memory != null)
            {
                marks->Reach((uint)memory);
            }
        }
    }

    /// <summary>Objects of the image that have references.</summary>
    private struct FrozenObjects
    {
        internal const int Most = 128;

        internal int Count;
        internal fixed uint Address[Most];
    }
}
