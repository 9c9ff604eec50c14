namespace Cosmos.Core.Memory;

/// <summary>The table of pages.</summary>
public static unsafe class RAT
{
    public enum PageType : byte
    {
        Empty = 0,
        GCManaged = 1,
        HeapSmall = 3,
        HeapMedium = 5,
        HeapLarge = 7,
        RAT = 32,
        SMT = 64,
        Extension = 128,
    }

    public static byte* mRAT;
    public static byte* RamStart;
    public static byte* HeapEnd;
    public static uint RamSize;
    public static uint TotalPageCount;
    public static uint FreePageCount;
    public static int MinFreePages = -1;
    public static uint GCTriggered;

    public static void Init(byte* aStartPtr, uint aSize)
    {
    }

    public static void* AllocPages(PageType aType, uint aPageCount = 1) => null;

    public static void Free(uint aPageIdx)
    {
    }

    public static void Free(void* aPtr)
    {
    }

    public static uint GetPageCount(byte aType = 0) => 0;

    public static uint GetFirstRATIndex(void* aPtr) => 0;

    public static byte* GetPagePtr(void* aPtr) => null;

    public static PageType GetPageType(void* aPtr) => PageType.Empty;
}

/// <summary>The heap.</summary>
public static unsafe class Heap
{
    public static void Init()
    {
    }

    public static byte* Alloc(uint aSize) => null;

    public static uint SafeAlloc(uint aSize) => 0;

    public static byte* Realloc(byte* aPtr, uint newSize) => null;

    public static void Free(void* aPtr)
    {
    }

    public static int Collect() => 0;

    public static void MarkAndSweepObject(void* aPtr)
    {
    }

    public static void SweepTypedObject(uint* obj, uint type)
    {
    }
}

/// <summary>A page of the table of small pages.</summary>
public unsafe struct SMTPage
{
    public SMTPage* Next;
    public RootSMTBlock* First;
}

/// <summary>Its first entry for a size.</summary>
public unsafe struct RootSMTBlock
{
    public uint Size;
}

/// <summary>The heap for small blocks.</summary>
public static unsafe class HeapSmall
{
    public static uint mMaxItemSize;
    public static SMTPage* SMT;

    public static void Init()
    {
    }

    public static byte* Alloc(ushort aSize) => null;

    public static void Free(void* aPtr)
    {
    }

    public static uint GetRoundedSize(uint aSize) => 0;

    public static int GetAllocatedObjectCount() => 0;

    public static int PruneSMT() => 0;
}

/// <summary>The heap for middle blocks.</summary>
public static unsafe class HeapMedium
{
    public static void Init()
    {
    }

    public static byte* Alloc(uint aSize) => null;

    public static void Free(void* aPtr)
    {
    }
}

/// <summary>The heap for large blocks.</summary>
public static unsafe class HeapLarge
{
    public static void Init()
    {
    }

    public static byte* Alloc(uint aSize, RAT.PageType aType = RAT.PageType.HeapLarge) => null;

    public static void Free(void* aPtr)
    {
    }
}
