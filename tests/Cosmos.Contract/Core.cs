using CosmosBootAlloc.Contract;

namespace Cosmos.Core;

/// <summary>The CPU.</summary>
public static class CPU
{
    private static ulong s_ticks;

    public static uint GetEndOfKernel() => Simulation.Machine.EndOfKernel;

    public static uint GetEBPValue() => Simulation.Machine.StackPointer;

    public static uint GetStackStart() => Simulation.Machine.StackStart;

    public static void Halt()
    {
    }

    public static void EnableInterrupts()
    {
    }

    public static bool DisableInterrupts() => true;

    public static ulong GetCPUUptime() => ++s_ticks;

    public static int CanReadCPUID() => 0;

    public static string GetCPUBrandString() => "";

    public static string GetCPUVendorName() => "";

    public static void ReadCPUID(uint type, ref int eax, ref int ebx, ref int ecx, ref int edx) => eax = 0;
}

/// <summary>Ports of devices.</summary>
public static class IOPort
{
    public static void Write8(int aPort, byte aData)
    {
    }

    public static void Write16(int aPort, ushort aData)
    {
    }

    public static void Write32(int aPort, uint aData)
    {
    }

    public static byte Read8(int aPort) => 0;

    public static ushort Read16(int aPort) => 0;
}

/// <summary>Interrupt lines.</summary>
public class INTs
{
    public delegate void IRQDelegate(ref IRQContext aContext);

    public static void SetIRQMaskState(byte aIRQLine, bool aDoMask)
    {
    }

    public static void SetIrqHandler(byte aIrqNo, IRQDelegate aHandler)
    {
    }

    public static IRQDelegate GeneralProtectionFault;

    public static void HandleInterrupt_00(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_06(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_08(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_0B(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_0C(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_0D(ref IRQContext aContext)
    {
    }

    public static void HandleInterrupt_0E(ref IRQContext aContext)
    {
    }

    public enum EFlagsEnum : uint
    {
    }

    public struct IRQContext
    {
        public uint EDI;
        public uint ESI;
        public uint EBP;
        public uint EBX;
        public uint EDX;
        public uint ECX;
        public uint EAX;
        public uint Interrupt;
        public uint Param;
        public uint EIP;
        public EFlagsEnum EFlags;
        public uint UserESP;
    }
}

/// <summary>The compiler's front to the heap.</summary>
public static unsafe class GCImplementation
{
    public static void Init()
    {
    }

    public static uint AllocNewObject(uint aSize) => 0;

    public static ulong GetAvailableRAM() => 0;

    public static uint GetUsedRAM() => 0;

    public static void IncRootCount(ushort* aPtr)
    {
    }

    public static void DecRootCount(ushort* aPtr)
    {
    }

    public static void IncRootCountsInStruct(ushort* aPtr, uint aType)
    {
    }

    public static void DecRootCountsInStruct(ushort* aPtr, uint aType)
    {
    }
}

/// <summary>The tables of types.</summary>
public static class VTablesImpl
{
    public static VTable[] mTypes;
    public static GCTable[] gcTypes;
}

/// <summary>A type, as far as the collector asks.</summary>
public struct VTable
{
    public bool IsValueType;
    public bool IsStruct;
}

/// <summary>A type's references.</summary>
public struct GCTable
{
    public uint GCFieldCount;
    public uint[] GCFieldOffsets;
    public uint[] GCFieldTypes;
}
