using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.BootSummary;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>summary: the boot on one screen, with check codes.</summary>
internal sealed unsafe class SummaryCommand : Command
{
    internal override string Name => "summary";

    internal override string Summary => "the boot on one screen, with check codes";

    internal override string Details =>
        "    Copy it by hand or photograph it: './bootalloc compare FILE...' reads the text, checks each row by\n"
            + "    its last three digits, and names a row that was misread\n";

    internal override void Run(ref CommandInput input)
    {
        if (!SummaryScreen.Print(serial: true))
        {
            KernelState.Console->Print(
                "summary: the log no longer holds the whole boot: found none of its beginning in the last 32 KiB; restart to see it\n");
        }
    }
}
