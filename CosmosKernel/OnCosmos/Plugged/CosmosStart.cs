using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.Log;

namespace CosmosBootAlloc.Kernel.OnCosmos.Plugged;

/// <summary>Our heaps' start of the kernel: the chain has run long before, in the plug of Cosmos's heap set-up.</summary>
internal static unsafe class CosmosStart
{
    /// <summary>Takes back the screen and COM1, which Cosmos's drivers have overwritten and set up their own way.</summary>
    internal static void Run()
    {
        SerialPort.Init();
        TextScreen.Init();
        if (Terminal.UsesScreen)
        {
            LogRing.Show();
        }

        SelfTests.More = &CosmosCallsTest.Run;
    }
}
