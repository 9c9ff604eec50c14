using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Memory.Heap;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>Where reachability starts.</summary>
internal static unsafe class CollectorRoots
{
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
    /// Objects in the image: string literals, and what the compiler could make of static initializers. They lie one behind the other, each
    /// with 4 bytes before its type, up to one without a type.
    /// </summary>
    internal static void Frozen(MarkStack* marks)
    {
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
                marks->Follow(memory, type);
                marks->Drain();
            }

            memory += (MethodTable.InstanceBytes(memory, type) + (sizeof(uint) - 1)) & ~(uint)(sizeof(uint) - 1);
        }
    }

    /// <summary>Every word from the stack pointer to the stack's top; the registers are among them.</summary>
    internal static void Stack(MarkStack* marks, SlabHeap* heap, uint* from)
    {
        uint* top = (uint*)StackTop();
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

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_stack_top")]
    private static extern uint StackTop();
}
