using Cosmos.System;
using Cosmos.System.ScanMaps;

namespace CosmosBootAlloc.Kernel.Devices.Cosmos;

/// <summary>The keyboard layouts: Cosmos's own.</summary>
internal static class KeyLayouts
{
    /// <summary>Uses a layout.</summary>
    /// <param name="index">Its place among <c>LayoutNames</c>.</param>
    internal static void Use(int index)
    {
        ScanMapBase layout = index == 0 ? new USStandardLayout() : index == 1 ? new GBStandardLayout()
            : index == 2 ? new DEStandardLayout() : new FRStandardLayout();
        KeyboardManager.SetKeyLayout(layout);
    }
}
