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
}
