using System;
using CosmosBootAlloc;
using Cosmos.Core.Memory;
using Sys = Cosmos.System;

namespace HelloCosmos;

/// <summary>Shows its memory, makes garbage, collects it, and then echoes lines.</summary>
public class Kernel : Sys.Kernel
{
    private const int Count = 10000;

    /// <inheritdoc/>
    protected override void BeforeRun()
    {
        Console.WriteLine("Hello on " + BootAlloc.VariantName + ", " + Free());
        foreach (string line in BootAlloc.BuddyInfo())
        {
            Console.WriteLine(line);
        }

        Heap.Collect();
        uint before = BootAlloc.Objects;
        for (int i = 0; i < Count; i++)
        {
            _ = new byte[100];
        }

        uint made = BootAlloc.Objects - before;
        Heap.Collect();
        string left = "hello: " + made + " objects made, " + (int)(BootAlloc.Objects - before) + " left after a collection";
        Console.WriteLine(left);
        Console.WriteLine("The boot log has " + BootAlloc.BootLog().Length + " lines.");
        BootAlloc.Log(left);
    }

    /// <inheritdoc/>
    protected override void Run()
    {
        Console.Write("> ");
        string line = Console.ReadLine();
        Console.WriteLine(line.Length + " characters, " + Free());
    }

    private static string Free() => (BootAlloc.FreeBytes >> 10) + " of " + (BootAlloc.ManagedBytes >> 10) + " kB free";
}
