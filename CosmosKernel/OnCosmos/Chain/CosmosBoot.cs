using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.OnCosmos.Chain;

/// <summary>
/// Our kernel on our heaps. By the time Cosmos calls it, the plug of its heap set-up has run the chain, and its drivers are up.
/// </summary>
internal static unsafe class CosmosBoot
{
    /// <summary>Takes screen and COM1 back, which Cosmos's drivers have written over and set up their way; then tests.</summary>
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
