using System.Text;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Stages;
using CosmosBootAlloc.Memory.Physical;
using CosmosBootAlloc.Simulator.Host;

namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>The early reservations' operations, for the same kinds as <see cref="E820Operations"/>.</summary>
public sealed unsafe class EarlyResOperations : IOperationSet
{
    private readonly MachineMemory* _memory;
    private readonly TraceMemory _limits;

    /// <summary>Empties the machine's reservations.</summary>
    public EarlyResOperations(HostMachine machine, TraceMemory limits)
    {
        _limits = limits;
        _memory = machine.Memory;
        _memory->EarlyRes.Init(&_memory->Log, _memory->Physical, &_memory->Map);
    }

    /// <inheritdoc/>
    public bool Perform(TraceOperation operation, TraceResults results)
    {
        EarlyReservations* reservations = &_memory->EarlyRes;
        switch (operation.Name)
        {
            case "mapped":
                operation.Expect(1);
                reservations->SetMappedEnd(operation.Number(0));
                break;
            case "find":
                operation.Expect(4);
                results.Value = TraceResults.Address(
                    reservations->Find(operation.Number(0), operation.Number(1), operation.Number(2), operation.Number(3)));
                break;
            case "find_size":
                operation.Expect(2);
                ulong found = EarlyResTraces.FindSize(ref *reservations, operation.Number(0), operation.Number(1), out ulong size);
                results.Value = found == PhysicalAddress.None ? "none" : $"{TraceResults.Hex(found)} {TraceResults.Hex(size)}";
                break;
            case "reserve":
            case "reserve_ok":
            case "reserve_nocheck":
                _limits.CheckTable(operation);
                Reserve(reservations, operation);
                break;
            case "free":
                operation.Expect(2);
                reservations->Free(operation.Number(0), operation.Number(1));
                break;
            case "free_partial":
                operation.Expect(2);
                _limits.CheckTable(operation);
                reservations->FreePartial(operation.Number(0), operation.Number(1));
                break;
            case "reserve_e820":
                operation.Expect(3);
                _limits.CheckTable(operation);
                results.Value = TraceResults.Hex(
                    EarlyResTraces.ReserveInMap(ref *reservations, operation.Number(0), operation.Number(1), operation.Number(2)));
                break;
            case "res":
                operation.Expect(0);
                List(reservations, results);
                break;
            default:
                return false;
        }

        return true;
    }

    private static void Reserve(EarlyReservations* reservations, TraceOperation operation)
    {
        ulong start = operation.Number(0);
        ulong end = operation.Number(1);
        string name = operation.Rest(2);
        fixed (byte* bytes = Encoding.Latin1.GetBytes(name + "\0"))
        {
            byte* given = name == "-" ? null : bytes;
            switch (operation.Name)
            {
                case "reserve":
                    reservations->Reserve(start, end, given);
                    break;
                case "reserve_ok":
                    reservations->ReserveOverlapOk(start, end, given);
                    break;
                default:
                    reservations->ReserveNoCheck(start, end, given);
                    break;
            }
        }
    }

    private static void List(EarlyReservations* reservations, TraceResults results)
    {
        byte* name = stackalloc byte[EarlyReservations.NameBufferBytes];
        for (int i = 0; i < reservations->Count; i++)
        {
            reservations->Get(i, out ulong start, out ulong end, out bool ok);
            reservations->CopyName(i, name);
            int length = 0;
            while (name[length] != 0)
            {
                length++;
            }

            results.Row($"{i} {TraceResults.Hex(start)} {TraceResults.Hex(end)} {(ok ? 1 : 0)} {Encoding.Latin1.GetString(name, length)}");
        }

        results.Value = $"{reservations->Count} {reservations->Capacity}";
    }
}
