using CosmosBootAlloc.Boot.Allocation;
using Internal.Runtime;

namespace CosmosBootAlloc.Kernel.NativeAot.Runtime;

/// <summary>The table of tables that ILCompiler emits for a module.</summary>
internal struct ReadyToRunHeader
{
    internal uint Signature;
    internal ushort MajorVersion;
    internal ushort MinorVersion;
    internal uint Flags;
    internal ushort SectionCount;
    internal byte EntrySize;
    internal byte EntryType;
}

/// <summary>One row of it.</summary>
internal unsafe struct ModuleSection
{
    internal int Id;
    internal int Flags;
    internal byte* Start;
    internal byte* End;
}

/// <summary>
/// What a runtime does between the heap and the first ordinary class: gives static fields of reference type their storage.
/// Until <see cref="AttachStatics"/> ran, only static fields of value types may be used; this is also the rule under IL2CPU.
/// </summary>
internal static unsafe class Startup
{
    private const int StaticReferenceBases = 201;
    private const int EagerConstructors = 205;
    private const int FrozenObjectRegion = 206;

    private static ModuleSection* s_staticReferences;
    private static ModuleSection* s_frozenObjects;

    /// <summary>The section that lists the storage of static references, or null.</summary>
    internal static ModuleSection* StaticReferences => s_staticReferences;

    /// <summary>The objects in the image, or null.</summary>
    internal static ModuleSection* FrozenObjects => s_frozenObjects;

    /// <summary>
    /// Allocates the storage of static references and runs the static constructors that the compiler could not evaluate. Needs a heap.
    /// </summary>
    internal static void AttachStatics(ReadyToRunHeader* header)
    {
        s_frozenObjects = Find(header, FrozenObjectRegion);
        CollectorRoots.Init();
        ModuleSection* section = Find(header, StaticReferenceBases);
        s_staticReferences = section;
        if (section != null)
        {
            for (byte* p = section->Start; p < section->End; p += sizeof(int))
            {
                Attach((int*)Relative((int*)p));
            }
        }

        section = Find(header, EagerConstructors);
        if (section != null)
        {
            for (byte* p = section->Start; p < section->End; p += sizeof(int))
            {
                ((delegate*<void>)Relative((int*)p))();
            }
        }
    }

    private static void Attach(int* cell)
    {
        int offset = *cell;
        if ((offset & 1) == 0)
        {
            return;
        }

        uint target = (uint)((byte*)cell + offset);
        MethodTable* type = (MethodTable*)(target & ~3u);
        void** storage = (void**)ObjectMemory.Allocate(type->BaseSize, (uint)cell);
        *storage = type;
        if ((target & 2) != 0)
        {
            // The compiler evaluated the initializers: copy their result.
            byte* from = (byte*)Relative(cell + 1);
            byte* to = (byte*)(storage + 1);
            for (uint i = 0; i < type->BaseSize - (2 * (uint)sizeof(void*)); i++)
            {
                to[i] = from[i];
            }
        }

        *(void***)cell = storage;
    }

    private static ModuleSection* Find(ReadyToRunHeader* header, int id)
    {
        ModuleSection* sections = (ModuleSection*)(header + 1);
        for (int i = 0; i < header->SectionCount; i++)
        {
            if (sections[i].Id == id)
            {
                return sections + i;
            }
        }

        return null;
    }

    private static void* Relative(int* pointer) => (byte*)pointer + *pointer;
}
