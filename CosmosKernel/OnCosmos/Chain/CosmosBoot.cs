using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.OnCosmos.Chain;

/// <summary>
/// Our kernel on our heaps. By the time Cosmos calls it, the plug of its heap set-up has run the boot memory chain, and Cosmos's drivers
/// are up.
/// </summary>
internal static unsafe class CosmosBoot
{
    /// <summary>Takes back screen and COM1, which Cosmos's drivers have overwritten and reconfigured, then runs the tests.</summary>
    internal static void BeforeRun()
    {
        SerialPort.Init();
        TextScreen.Init();
        LogRing.Show();
        SelfTests.More = &CosmosCallsTest.Run;
        CosmosCommands.Add();
        Boot.RunTests();
    }

    /// <summary>Runs the shell. Does not return.</summary>
    internal static void Run() => Boot.RunShell();
}
