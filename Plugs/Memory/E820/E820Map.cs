using CosmosBootAlloc.Memory.Firmware;
using CosmosBootAlloc.Memory.Log;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.E820;

/// <summary>
/// The machine's memory map: what the firmware reports, sanitized, then corrected by what the kernel knows better and what the user asks
/// for. It belongs to the first stage of every variant; all later stages ask it where RAM is.
/// </summary>
/// <remarks>
/// Life, as in 2.6.34:
/// <list type="number">
/// <item><see cref="AddFirmware"/> collects what the loader or the BIOS calls report.</item>
/// <item><see cref="SetUp"/> sanitizes that, copies it here (or makes a map out of two older BIOS calls) and prints it.</item>
/// <item><see cref="BootOptions"/> apply <c>mem=</c> and <c>memmap=</c>; <see cref="FinishOptions"/> prints the user's map.</item>
/// <item><see cref="TrimBios"/> takes page 0 and the BIOS area out of RAM.</item>
/// <item><see cref="EndOfRam"/> and <see cref="EndOfLowRam"/> find the end of RAM; from then on the map is read, and occasionally changed
/// by <see cref="Update"/> followed by <see cref="UpdateMap"/>.</item>
/// </list>
/// A copy of the firmware's map (<see cref="Saved"/>) stays free of the user's changes. Ranges are half-open, in bytes. The struct is
/// reached by pointer and must not move.
/// </remarks>
public unsafe struct E820Map
{
    /// <summary>First pfn that x86-64 Linux 2.6.34 cannot address: 46 bits of address.</summary>
    public const ulong MaxArchPfn = 1UL << 34;

    /// <summary>pfn at 4 GiB.</summary>
    public const ulong FourGibPfn = PcMap.AddressLimit >> PageSize.Shift;

    private const ulong LowMemoryBytes = 0x9f000;
    private const ulong LeastGap = 0x400000;

    /// <summary>What the firmware reported; sanitized in place by <see cref="SanitizeFirmware"/>, then only read.</summary>
    public E820Table Firmware;

    /// <summary>The map in use.</summary>
    public E820Table Table;

    /// <summary>The map as <see cref="SetUp"/> left it, with the kernel's own changes but not the user's.</summary>
    public E820Table Saved;

    private KernelLog* _log;
    private ulong _maxPfn;
    private uint _e801Kib;
    private uint _int88Kib;
    private bool _userDefined;

    /// <summary>An empty map that reports to <paramref name="log"/>.</summary>
    public void Init(KernelLog* log)
    {
        _log = log;
        Firmware.Init(E820Table.FirmwareCapacity);
        Table.Init(E820Table.MaxCapacity);
        Saved.Init(E820Table.MaxCapacity);
        _maxPfn = 0;
        _e801Kib = 0;
        _int88Kib = 0;
        _userDefined = false;
    }

    /// <summary>Entries of the map in use.</summary>
    public int Count => Table.Count;

    /// <summary>First pfn after the last RAM page, as <see cref="EndOfRam"/> last found it.</summary>
    public ulong MaxPfn => _maxPfn;

    /// <summary>First byte of entry <paramref name="index"/>.</summary>
    public ulong Start(int index)
    {
        return Table.Start(index);
    }

    /// <summary>Bytes of entry <paramref name="index"/>.</summary>
    public ulong Size(int index)
    {
        return Table.Size(index);
    }

    /// <summary>First byte after entry <paramref name="index"/>.</summary>
    public ulong End(int index)
    {
        return Table.End(index);
    }

    /// <summary>Type of entry <paramref name="index"/>, see <see cref="E820Type"/>.</summary>
    public uint Type(int index)
    {
        return Table.Type(index);
    }

    /// <summary>True if entry <paramref name="index"/> is RAM that may be used.</summary>
    public bool IsRam(int index)
    {
        return Table.Type(index) == E820Type.Ram;
    }

    /// <summary>Appends to the firmware's list. O(1).</summary>
    /// <remarks>Past 128 entries it is dropped, as the loop over the BIOS call drops it; <see cref="RamLost"/> counts it.</remarks>
    public void AddFirmware(ulong start, ulong size, uint type)
    {
        Firmware.Append(start, size, type);
    }

    /// <summary>Bytes of RAM that found the map full: in the firmware's list, while it was sanitized, or since.</summary>
    public ulong RamLost => Firmware.RamLost + Table.RamLost;

    /// <summary>
    /// Sizes in KiB above 1 MiB from the two BIOS calls older than e820 (e801, and 88, which knows 16 bits only); used by
    /// <see cref="SetUp"/> when the firmware's list is unusable.
    /// </summary>
    public void SetOlderCalls(uint e801Kib, uint int88Kib)
    {
        _e801Kib = e801Kib;
        _int88Kib = int88Kib;
    }

    /// <summary>
    /// Sanitizes the firmware's list. O(n log n).
    /// </summary>
    /// <returns>False when it cannot be used: fewer than two entries are left, or one passes 2^64.</returns>
    public bool SanitizeFirmware()
    {
        return Firmware.Sanitize() && Firmware.Count >= 2;
    }

    /// <summary>
    /// Makes the map out of the firmware's list, sanitized, and prints it. Where that cannot be used, the map is 636 KiB at 0 and, above
    /// 1 MiB, the larger size of the older calls. O(n). 2.6.34 setup_memory_map.
    /// </summary>
    /// <param name="usable">What <see cref="SanitizeFirmware"/> said.</param>
    public void SetUp(bool usable)
    {
        bool older88 = _int88Kib > _e801Kib;
        if (!usable)
        {
            ulong size = (ulong)(older88 ? _int88Kib : _e801Kib) << 10;
            Table.Clear();
            Add(0, LowMemoryBytes, E820Type.Ram);
            Add(PcMap.IsaHoleEnd, size, E820Type.Ram);
        }
        else
        {
            Table.CopyFrom(ref Firmware);
        }

        Saved.CopyFrom(ref Table);
        _log->Print("BIOS-provided physical RAM map:\n");
        if (!usable)
        {
            Print(older88 ? "BIOS-88" : "BIOS-e801");
            return;
        }

        fixed (E820Map* map = &this)
        {
            _log->PrintTable(&PrintFirmware, map);
        }
    }

    private static void PrintFirmware(void* map) => ((E820Map*)map)->Firmware.Print(((E820Map*)map)->_log, "BIOS-e820");

    /// <summary>Appends an entry; a full map logs "Ooops! Too many entries in the memory map!". O(1).</summary>
    public void Add(ulong start, ulong size, uint type)
    {
        Table.Add(_log, start, size, type);
    }

    /// <summary>Sanitizes the map in use; see <see cref="E820Table.Sanitize"/>.</summary>
    public bool Sanitize()
    {
        return Table.Sanitize();
    }

    /// <summary>Changes types in the map in use; see <see cref="E820Table.Update"/>.</summary>
    public ulong Update(ulong start, ulong size, uint oldType, uint newType)
    {
        return Table.Update(_log, start, size, oldType, newType);
    }

    /// <summary>Like <see cref="Update"/>, on the copy of the firmware's map; logs its own line.</summary>
    public ulong UpdateSaved(ulong start, ulong size, uint oldType, uint newType)
    {
        return Saved.Update(_log, start, size, oldType, newType);
    }

    /// <summary>Removes from the map in use; see <see cref="E820Table.Remove"/>.</summary>
    public ulong Remove(ulong start, ulong size, uint oldType, bool onlyOldType)
    {
        return Table.Remove(_log, start, size, oldType, onlyOldType);
    }

    /// <summary>Sanitizes after changes and, if that was possible, prints the "modified physical RAM map". 2.6.34 update_e820.</summary>
    public void UpdateMap()
    {
        if (Table.Sanitize())
        {
            _log->Print("modified physical RAM map:\n");
            Print("modified");
        }
    }

    /// <summary>
    /// Takes from RAM what a PC's BIOS uses, whatever it reports: page 0 becomes reserved, [640 KiB, 1 MiB) is removed. Then sanitizes.
    /// 2.6.34 trim_bios_range.
    /// </summary>
    public void TrimBios()
    {
        Update(0, PcMap.FirstPageEnd, E820Type.Ram, E820Type.Reserved);
        Remove(PcMap.IsaHoleStart, PcMap.IsaHoleEnd - PcMap.IsaHoleStart, E820Type.Ram, true);
        Sanitize();
    }

    /// <summary>Records that the user's options changed the map, so that <see cref="FinishOptions"/> prints it.</summary>
    public void MarkUserDefined()
    {
        _userDefined = true;
    }

    /// <summary>
    /// Ends the options: if one touched the map, sanitizes and prints it as "user-defined physical RAM map"; panics
    /// "Invalid user supplied memory map" if it cannot be sanitized. 2.6.34 finish_e820_parsing.
    /// </summary>
    public void FinishOptions()
    {
        if (!_userDefined)
        {
            return;
        }

        if (!Table.Sanitize())
        {
            _log->Panic("Invalid user supplied memory map");
            return;
        }

        _log->Print("user-defined physical RAM map:\n");
        Print("user");
    }

    /// <summary>Logs one line per entry, each starting with <paramref name="who"/>.</summary>
    public void Print(string who)
    {
        Table.Print(_log, who);
    }

    /// <summary>
    /// The pfn after the last whole page of the highest RAM; logs it and keeps it as <see cref="MaxPfn"/>. O(n).
    /// 2.6.34 e820_end_of_ram_pfn.
    /// </summary>
    public ulong EndOfRam()
    {
        _maxPfn = EndOfRamBelow(MaxArchPfn);
        return _maxPfn;
    }

    /// <summary>As <see cref="EndOfRam"/>, for RAM below 4 GiB; logs, sets nothing. 2.6.34 e820_end_of_low_ram_pfn.</summary>
    public ulong EndOfLowRam()
    {
        return EndOfRamBelow(FourGibPfn);
    }

    /// <summary>
    /// Bytes of [<paramref name="start"/>, <paramref name="end"/>) that no whole RAM page covers, counted from the pages that contain start
    /// and end (so unaligned ends can make it negative, modulo 2^64). O(n). 2.6.34 e820_hole_size.
    /// </summary>
    public ulong HoleSize(ulong start, ulong end)
    {
        ulong ramPages = 0;
        for (int i = 0; i < Table.Count; i++)
        {
            if (WholePages(i, PageSize.PfnDown(start), PageSize.PfnDown(end), out ulong startPfn, out ulong endPfn))
            {
                ramPages += endPfn - startPfn;
            }
        }

        return end - start - (ramPages << PageSize.Shift);
    }

    /// <summary>
    /// The whole pages of entry <paramref name="index"/>, if it is RAM, inside [<paramref name="fromPfn"/>,
    /// <paramref name="toPfn"/>): start rounded up, end rounded down. O(1). 2.6.34 e820_find_active_region.
    /// </summary>
    /// <returns>False when no page is left.</returns>
    public bool WholePages(int index, ulong fromPfn, ulong toPfn, out ulong startPfn, out ulong endPfn)
    {
        startPfn = 0;
        endPfn = 0;
        if (!IsRam(index))
        {
            return false;
        }

        ulong first = PageSize.PfnUp(Table.Start(index));
        ulong end = PageSize.PfnDown(Table.End(index));
        startPfn = first < fromPfn ? fromPfn : first;
        endPfn = end > toPfn ? toPfn : end;
        return first < end && startPfn < endPfn;
    }

    /// <summary>
    /// Looks below 4 GiB for the largest gap between entries, at least 4 MiB, where device memory could go; among equal ones, the lowest.
    /// Logs it; if there is none, warns and returns 1 MiB above the end of RAM. Meant for a sanitized map. O(n). 2.6.34 e820_setup_gap.
    /// </summary>
    /// <returns>First byte of the gap.</returns>
    public ulong PciGap()
    {
        ulong gapStart = 0;
        ulong gapSize = LeastGap;
        bool found = false;
        ulong last = PcMap.AddressLimit;
        for (int i = Table.Count - 1; i >= 0; i--)
        {
            ulong end = Table.End(i);
            if (last > end && last - end >= gapSize)
            {
                gapSize = last - end;
                gapStart = end;
                found = true;
            }

            last = Table.Start(i) < last ? Table.Start(i) : last;
        }

        if (!found)
        {
            gapStart = (_maxPfn << PageSize.Shift) + PcMap.IsaHoleEnd;
            _log->Print("PCI: Warning: Cannot find a gap in the 32bit address range\n");
            _log->Print("PCI: Unassigned devices with 32bit resource registers may break!\n");
        }

        _log->Print("Allocating PCI resources starting at %x (gap: %x:%x)\n", gapStart, gapStart, gapSize);
        return gapStart;
    }

    private ulong EndOfRamBelow(ulong limitPfn)
    {
        // The last one is the highest, unless the map is not sanitized.
        ulong lastPfn = 0;
        for (int i = Table.Count - 1; i >= 0 && (lastPfn == 0 || !Table.IsAscending); i--)
        {
            if (!IsRam(i) || PageSize.PfnDown(Table.Start(i)) >= limitPfn)
            {
                continue;
            }

            ulong endPfn = PageSize.PfnDown(Table.End(i));
            endPfn = endPfn > limitPfn ? limitPfn : endPfn;
            lastPfn = endPfn > lastPfn ? endPfn : lastPfn;
        }

        _log->Print(lastPfn == 0 ? "last_pfn = %x max_arch_pfn = 0x%x\n" : "last_pfn = 0x%x max_arch_pfn = 0x%x\n", lastPfn, MaxArchPfn);
        return lastPfn;
    }
}
