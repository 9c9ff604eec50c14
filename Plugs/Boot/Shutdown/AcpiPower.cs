namespace CosmosBootAlloc.Boot.Shutdown;

/// <summary>
/// Powers off through ACPI: the firmware's tables give the register to write (FADT) and the sleep type that means off (the _S5 package in
/// the DSDT). It does not interpret AML: it finds _S5 by name, as hobby kernels and firmware tests do.
/// </summary>
/// <remarks>
/// ACPI 6.4, 5.2.5 (RSDP), 5.2.7 (RSDT), 5.2.8 (XSDT), 5.2.9 (FADT), 4.8.3.2 (PM1 control), 4.8.3.7 (sleep control of hardware-reduced
/// machines, such as QEMU's microvm).
/// </remarks>
internal static unsafe class AcpiPower
{
    private const uint EbdaSegmentWord = 0x40e;
    private const uint RomStart = 0xe0000;
    private const uint RomEnd = 0x100000;
    private const uint TableHead = 36;
    private const uint ShortestFadt = 72;
    private const uint ShortestSleepTypes = 8;
    private const uint HardwareReducedFadt = 256;
    private const uint HardwareReduced = 1 << 20;
    private const byte InMemory = 0;
    private const byte InPorts = 1;
    private const uint LongestTable = 4 * 1024 * 1024;
    private const ushort SciEnabled = 1;

    // The diagnostic port: a read changes nothing on any PC, and takes about 1 us on the bus.
    private const ushort PostPort = 0x80;
    private const ushort SleepEnable = 1 << 13;
    private const byte PackageOp = 0x12;
    private const byte BytePrefix = 0x0a;

    // ACPI allows a machine 3 seconds to switch to ACPI mode, and we allow as much for turning off; each read takes about 1 us.
    private const int PatienceLooks = 3000000;

    /// <summary>Turns the machine off; returns if it has no ACPI or does not react.</summary>
    internal static void Off()
    {
        byte* fadt = FindFadt();
        if (fadt == null)
        {
            return;
        }

        byte* dsdt = (byte*)*(uint*)(fadt + 40);
        if (Length(fadt) >= HardwareReducedFadt && (*(uint*)(fadt + 112) & HardwareReduced) != 0)
        {
            SleepWithoutPm1(fadt, dsdt);
            return;
        }

        ushort control = (ushort)*(uint*)(fadt + 64);
        ushort secondControl = (ushort)*(uint*)(fadt + 68);
        if (control == 0 || !FindSleepTypes(dsdt, out byte type, out byte secondType))
        {
            return;
        }

        EnterAcpiMode(fadt, control);
        Cpu.Out16(control, (ushort)((type << 10) | SleepEnable));
        if (secondControl != 0)
        {
            Cpu.Out16(secondControl, (ushort)((secondType << 10) | SleepEnable));
        }

        AwaitOff(control);
    }

    private static void SleepWithoutPm1(byte* fadt, byte* dsdt)
    {
        dsdt = dsdt != null ? dsdt : Below4G(fadt + 140);
        byte* register = Below4G(fadt + 248);
        if (register == null || !FindSleepTypes(dsdt, out byte type, out byte _))
        {
            return;
        }

        byte value = (byte)((type << 2) | (1 << 5));
        byte space = fadt[244];
        if (space == InMemory)
        {
            *register = value;
        }
        else if (space == InPorts)
        {
            Cpu.Out8((ushort)(uint)register, value);
        }

        AwaitOff(PostPort);
    }

    // The write only asks for it: hardware takes its time, and an emulator stops the processor from another thread. Our caller prints a
    // message when this returns.
    private static void AwaitOff(ushort port)
    {
        for (int i = 0; i < PatienceLooks; i++)
        {
            Cpu.In8(port);
        }
    }

    private static void EnterAcpiMode(byte* fadt, ushort control)
    {
        ushort command = (ushort)*(uint*)(fadt + 48);
        byte enable = fadt[52];
        if ((Cpu.In8(control) & SciEnabled) != 0 || command == 0 || enable == 0)
        {
            return;
        }

        Cpu.Out8(command, enable);
        for (int i = 0; i < PatienceLooks && (Cpu.In8(control) & SciEnabled) == 0; i++)
        {
            // The firmware does the switch in system management mode.
        }
    }

    private static byte* FindFadt()
    {
        byte* root = FindRoot();
        if (root == null)
        {
            return null;
        }

        byte* fadt = FindFadtIn((byte*)*(uint*)(root + 16), "RSDT", sizeof(uint));
        return fadt == null && root[15] >= 2 ? FindFadtIn(Below4G(root + 24), "XSDT", sizeof(ulong)) : fadt;
    }

    private static byte* FindFadtIn(byte* table, string signature, uint bytesPerEntry)
    {
        if (table == null || !Is(table, signature))
        {
            return null;
        }

        uint length = Length(table);
        if (length < TableHead || Sum(table, length) != 0)
        {
            return null;
        }

        for (uint at = TableHead; at + bytesPerEntry <= length; at += bytesPerEntry)
        {
            byte* candidate = bytesPerEntry == sizeof(uint) ? (byte*)*(uint*)(table + at) : Below4G(table + at);
            if (candidate != null && Is(candidate, "FACP") && Length(candidate) >= ShortestFadt)
            {
                return candidate;
            }
        }

        return null;
    }

    // A 64-bit address that a 32-bit kernel can reach; else null.
    private static byte* Below4G(byte* address) => *(uint*)(address + 4) == 0 ? (byte*)*(uint*)address : null;

    private static byte* FindRoot()
    {
        uint ebda = (uint)*(ushort*)EbdaSegmentWord << 4;
        byte* root = ebda != 0 ? Scan(ebda, ebda + 1024) : null;
        return root != null ? root : Scan(RomStart, RomEnd);
    }

    private static byte* Scan(uint start, uint end)
    {
        for (uint address = (start + 15) & ~15u; address + 20 <= end; address += 16)
        {
            byte* p = (byte*)address;
            if (Is(p, "RSD PTR ") && Sum(p, 20) == 0)
            {
                return p;
            }
        }

        return null;
    }

    // Name _S5_, package, its length (1 to 4 bytes), the element count, then the types as byte constants or as 0 and 1.
    private static bool FindSleepTypes(byte* dsdt, out byte type, out byte secondType)
    {
        type = 0;
        secondType = 0;
        if (dsdt == null || !Is(dsdt, "DSDT"))
        {
            return false;
        }

        uint length = Length(dsdt);
        for (uint at = TableHead; at + ShortestSleepTypes <= length; at++)
        {
            byte* p = dsdt + at;
            if (Is(p, "_S5_") && p[4] == PackageOp)
            {
                p += 5;
                p += (*p >> 6) + 2;
                type = Constant(ref p);
                secondType = Constant(ref p);
                return true;
            }
        }

        return false;
    }

    private static byte Constant(ref byte* p)
    {
        if (*p == BytePrefix)
        {
            p++;
        }

        return *p++;
    }

    private static uint Length(byte* table)
    {
        uint length = *(uint*)(table + 4);
        return length < LongestTable ? length : 0;
    }

    private static byte Sum(byte* p, uint length)
    {
        byte sum = 0;
        for (uint i = 0; i < length; i++)
        {
            sum += p[i];
        }

        return sum;
    }

    private static bool Is(byte* p, string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (p[i] != text[i])
            {
                return false;
            }
        }

        return true;
    }
}
