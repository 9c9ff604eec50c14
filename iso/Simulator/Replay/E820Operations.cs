using System.Collections.Generic;
using System.Text;
using CosmosBootAlloc.Memory.E820;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Simulator.Host;
using CosmosBootAlloc.Simulator.Maps;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>The memory map's operations, for the kinds of 2.6.34 that start from one: e820, earlyres, bootmem, nobootmem.</summary>
public sealed unsafe class E820Operations : IOperationSet
{
    private static readonly Dictionary<string, uint> s_types = new()
    {
        ["ram"] = E820Type.Ram,
        ["reserved"] = E820Type.Reserved,
        ["acpi"] = E820Type.Acpi,
        ["nvs"] = E820Type.Nvs,
        ["unusable"] = E820Type.Unusable,
        ["kern"] = E820Type.Kernel,
    };

    private readonly MachineMemory* _memory;

    /// <summary>Empties the machine's map and its active ranges.</summary>
    public E820Operations(HostMachine machine)
    {
        _memory = machine.Memory;
        _memory->Map.Init(&_memory->Log);
        _memory->Map.Table.Init(E820Table.FirmwareCapacity);
        _memory->Active.Init(&_memory->Log);
    }

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
        => PerformOnMap(operation, results) || PerformOnRanges(operation, results);

    private bool PerformOnMap(TraceOperation operation, TraceResults results)
    {
        E820Map* map = &_memory->Map;
        switch (operation.Name)
        {
            case "bios":
                operation.Expect(3);
                map->AddFirmware(operation.Number(0), operation.Number(1), Type(operation, 2));
                break;
            case "alt":
                operation.Expect(2);
                map->SetOlderCalls((uint)operation.NumberUpTo(0, uint.MaxValue), (uint)operation.NumberUpTo(1, ushort.MaxValue));
                break;
            case "setup":
                operation.Expect(0);
                map->SetUp(map->SanitizeFirmware());
                break;
            case "add":
                operation.Expect(3);
                map->Add(operation.Number(0), operation.Number(1), Type(operation, 2));
                break;
            case "sanitize":
                operation.Expect(0);
                results.Value = map->Sanitize() ? "0" : "-1";
                break;
            case "update":
                operation.Expect(4);
                results.Value = TraceResults.Hex(
                    map->Update(operation.Number(0), operation.Number(1), Type(operation, 2), Type(operation, 3)));
                break;
            case "remove":
                operation.Expect(4);
                results.Value = TraceResults.Hex(
                    map->Remove(operation.Number(0), operation.Number(1), Type(operation, 2), operation.Flag(3)));
                break;
            case "update_map":
                operation.Expect(0);
                map->UpdateMap();
                break;
            case "trim_bios":
                operation.Expect(0);
                map->TrimBios();
                break;
            case "opt_mem":
            case "opt_memmap":
                // Linux returns 0 or -EINVAL.
                results.Value = Option(operation) ? "0" : "-22";
                break;
            case "finish":
                operation.Expect(0);
                map->FinishOptions();
                break;
            case "print":
                map->Print(operation.Rest(0));
                break;
            case "map":
                operation.Expect(0);
                for (int i = 0; i < map->Count; i++)
                {
                    results.Row($"{TraceResults.Hex(map->Start(i))} {TraceResults.Hex(map->Size(i))} {map->Type(i)}");
                }

                results.Value = map->Count.ToString();
                break;
            case "any":
                operation.Expect(3);
                results.Value = map->Table.AnyMapped(operation.Number(0), operation.Number(1), Type(operation, 2)) ? "1" : "0";
                break;
            case "all":
                operation.Expect(3);
                results.Value = map->Table.AllMapped(operation.Number(0), operation.Number(1), Type(operation, 2)) ? "1" : "0";
                break;
            case "end_of_ram":
                operation.Expect(0);
                results.Value = TraceResults.Hex(map->EndOfRam());
                break;
            case "end_of_low_ram":
                operation.Expect(0);
                results.Value = TraceResults.Hex(map->EndOfLowRam());
                break;
            case "hole":
                operation.Expect(2);
                results.Value = TraceResults.Hex(map->HoleSize(operation.Number(0), operation.Number(1)));
                break;
            case "gap":
                operation.Expect(0);
                map->PciGap();
                break;
            default:
                return false;
        }

        return true;
    }

    private bool PerformOnRanges(TraceOperation operation, TraceResults results)
    {
        ActiveRanges* ranges = &_memory->Active;
        switch (operation.Name)
        {
            case "active":
                operation.Expect(2);
                ranges->RegisterFromMap(&_memory->Map, operation.Number(0), operation.Number(1));
                break;
            case "add_active":
                operation.Expect(2);
                ranges->Add(operation.Number(0), operation.Number(1));
                break;
            case "remove_active":
                operation.Expect(2);
                ranges->Remove(operation.Number(0), operation.Number(1));
                break;
            case "sort_active":
                operation.Expect(0);
                ranges->Sort();
                break;
            case "active_map":
                operation.Expect(0);
                for (int i = 0; i < ranges->Count; i++)
                {
                    results.Row($"{TraceResults.Hex(ranges->StartPfn(i))} {TraceResults.Hex(ranges->EndPfn(i))}");
                }

                results.Value = ranges->Count.ToString();
                break;
            default:
                return false;
        }

        return true;
    }

    private bool Option(TraceOperation operation)
    {
        string text = operation.Count == 0 ? "" : operation.Rest(0);
        fixed (byte* value = Encoding.Latin1.GetBytes(text + "\0"))
        {
            return operation.Name == "opt_mem"
                ? BootOptions.ApplyMem(&_memory->Map, value)
                : BootOptions.ApplyMemMap(&_memory->Map, value, persistent: false);
        }
    }

    private static uint Type(TraceOperation operation, int index)
    {
        string word = operation.Word(index);
        if (s_types.TryGetValue(word, out uint type))
        {
            return type;
        }

        return char.IsAsciiDigit(word.Length == 0 ? ' ' : word[0])
            ? (uint)operation.NumberUpTo(index, uint.MaxValue)
            : throw operation.Error(
                $"argument {index + 1} of '{operation.Name}': expected a type ({string.Join(", ", s_types.Keys)} or a number),"
                    + $" found '{PastedText.Quote(word)}'");
    }
}
