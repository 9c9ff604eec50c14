using CosmosBootAlloc.Memory.Books;
using CosmosBootAlloc.Memory.EarlyRes;
using CosmosBootAlloc.Memory.Physical;

namespace CosmosBootAlloc.Memory.Stages;

/// <summary>early_res's part of the boot: the claims of the machine become its table, under their names.</summary>
public static unsafe class EarlyResStage
{
    /// <summary>Runs the stage: from here on the table knows all that must not be given away.</summary>
    public static void Run(BootState* boot)
    {
        boot->BeginStage();
        EarlyReservations* table = &boot->Memory->EarlyRes;
        table->Init(boot->Log, boot->Memory->Physical, &boot->Memory->Map);
        table->SetMappedEnd(boot->EndPfn);
        BootClaims.Collect(&boot->Books.Claims, boot->Facts, &boot->Memory->Physical);
        for (int i = 0; i < boot->Books.Claims.Count; i++)
        {
            NamedRange* claim = boot->Books.Claims.Get(i);
            if (boot->Books.Claims.OverlapOk(i))
            {
                table->ReserveOverlapOk(claim->Start, claim->End, NamedRange.Name(claim));
            }
            else
            {
                table->Reserve(claim->Start, claim->End, NamedRange.Name(claim));
            }
        }

        ulong ticks = boot->StageTicks();
        NodeLines.PrintModules(boot);
        HolderLog.LogClaims(&boot->Books, "early_res");
        NoteTable(boot, "early_res");
        boot->Log->Print(
            "bootalloc: stage name=early_res reservations=%d capacity=%d reserved_kb=%d ticks=%d",
            (ulong)table->Count,
            (ulong)table->Capacity,
            ReservedBytes(table) >> 10,
            ticks);
        boot->Books.Tables.EndLine(boot->Log);
    }

    /// <summary>
    /// Notes what the table takes at the end of a stage, and logs its place when it has moved, or is closed after it had. In RAM it takes
    /// what its own reservation covers.
    /// </summary>
    public static void NoteTable(BootState* boot, string stage)
    {
        EarlyReservations* table = &boot->Memory->EarlyRes;
        ulong start = 0;
        ulong end = 0;
        if (table->TableMoved)
        {
            table->Get(0, out start, out end);
        }

        boot->Books.Tables.Set(table->TableBytes - (end - start), end - start, table->MostTableBytes);
        boot->Books.Tables.Place(boot->Log, stage, 0, "early_res", start, end);
    }

    private static ulong ReservedBytes(EarlyReservations* table)
    {
        ulong bytes = 0;
        for (int i = 0; i < table->Count; i++)
        {
            table->Get(i, out ulong start, out ulong end);
            bytes += end - start;
        }

        return bytes;
    }
}
