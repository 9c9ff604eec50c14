using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// The type of a firmware memory map entry, by the numbers of BIOS call e820. The larger number wins where entries overlap; unnamed numbers
/// are kept as is, and their memory is never handed out.
/// </summary>
public static class E820Type
{
    /// <summary>In queries: any type. As the type of an entry it counts as "not covered".</summary>
    public const uint Any = 0;

    /// <summary>Memory that may be used.</summary>
    public const uint Ram = 1;

    /// <summary>Firmware, devices, anything else to leave alone.</summary>
    public const uint Reserved = 2;

    /// <summary>ACPI tables; usable once they have been read (nothing here reads them).</summary>
    public const uint Acpi = 3;

    /// <summary>ACPI non-volatile storage: kept over sleep, never used.</summary>
    public const uint Nvs = 4;

    /// <summary>Memory with errors.</summary>
    public const uint Unusable = 5;

    /// <summary>Persistent memory, as <c>memmap=SIZE!START</c> marks it (later than 2.6.34).</summary>
    public const uint Persistent = 12;

    /// <summary>The kernel's own image, marked by the kernel itself; printed as usable.</summary>
    public const uint Kernel = 128;

    /// <summary>The type in the wording of 2.6.34; empty for a number without a name, which is printed as "type N".</summary>
    public static string Name(uint type)
    {
        switch (type)
        {
            case Ram:
            case Kernel:
                return "(usable)";
            case Reserved:
                return "(reserved)";
            case Acpi:
                return "(ACPI data)";
            case Nvs:
                return "(ACPI NVS)";
            case Unusable:
                return "(unusable)";
            default:
                return "";
        }
    }

    /// <summary>Appends the type to the log line under construction.</summary>
    public static unsafe void Print(KernelLog* log, uint type)
    {
        string name = Name(type);
        if (name.Length == 0)
        {
            log->Print("type %d", type);
            return;
        }

        log->Text(name);
    }
}
