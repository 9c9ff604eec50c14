using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.SelfTest;

/// <summary>Counts checks and reports them.</summary>
internal unsafe struct Checks
{
    internal KernelLog* Log;
    internal bool Verbose;
    internal uint Passed;
    internal uint Failed;

    /// <summary>A check with its expectation in words; two values help to explain a failure.</summary>
    internal void Expect(bool ok, string what, ulong found = 0, ulong needed = 0)
    {
        if (ok)
        {
            Passed++;
            if (Verbose)
            {
                Log->Text("selftest: ok   ");
                Log->Text(what);
                Log->Print("\n");
            }

            return;
        }

        Failed++;
        Log->Text("selftest: FAIL ");
        Log->Text(what);
        Log->Print(": found %x, needed %x\n", found, needed);
    }

    /// <summary>A check that two numbers are equal.</summary>
    internal void Equal(ulong needed, ulong found, string what)
    {
        Expect(found == needed, what, found, needed);
    }
}
