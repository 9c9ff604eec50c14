using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Xml.Linq;
using CosmosBootAlloc.Memory.Stages;

namespace CosmosBootAlloc.Simulator.Simulate;

/// <summary>
/// A variant that the host can boot. The list is found, not written: every <c>Configs/X.props</c> names a variant whose stages are
/// listed in class <c>CosmosBootAlloc.Configs.XVariant</c>. Variants on Cosmos's own heap are left out: the host has no such heap.
/// </summary>
public sealed unsafe class SimulatedVariant
{
    private const string Extension = ".props";
    private const string OwnHeap = "stock";
    private const int NoOrder = 1000;

    private readonly delegate*<BootState*, void> _run;
    private readonly int _order;

    private SimulatedVariant(Type variant, int order)
    {
        Name = Constant(variant, "Name");
        Stages = Constant(variant, "Stages");
        _order = order;
        _run = (delegate*<BootState*, void>)variant.GetMethod("Run", [typeof(BootState*)])!.MethodHandle.GetFunctionPointer();
    }

    /// <summary>Every variant that the host can boot, in the order in which they are compared (property <c>VariantOrder</c>).</summary>
    public static IReadOnlyList<SimulatedVariant> All { get; } = Find();

    /// <summary>The name on the command line and in the boot line.</summary>
    public string Name { get; }

    /// <summary>The names of the stages in order, separated by commas.</summary>
    public string Stages { get; }

    /// <summary>Runs every stage. A panic of the memory code is an exception here.</summary>
    public void Run(BootState* boot) => _run(boot);

    private static SimulatedVariant[] Find()
    {
        Assembly assembly = typeof(SimulatedVariant).Assembly;
        List<SimulatedVariant> found = [];
        foreach (string file in assembly.GetManifestResourceNames().Where(n => n.EndsWith(Extension, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(file)!;
            List<XElement> properties = [.. XDocument.Load(stream).Descendants()];
            string? Property(string name) => properties.FirstOrDefault(p => p.Name.LocalName == name)?.Value.Trim();

            if (Property("VariantHeap") != OwnHeap)
            {
                Type type = assembly.GetType($"CosmosBootAlloc.Configs.{file[..^Extension.Length]}Variant", throwOnError: true)!;
                found.Add(new SimulatedVariant(type, int.TryParse(Property("VariantOrder"), out int order) ? order : NoOrder));
            }
        }

        return [.. found.OrderBy(v => v._order).ThenBy(v => v.Name, StringComparer.Ordinal)];
    }

    private static string Constant(Type variant, string name) => (string)variant.GetField(name)!.GetRawConstantValue()!;
}
