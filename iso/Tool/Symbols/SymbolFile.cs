using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build.Lowering;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>
/// The symbol file of a kernel: an ELF file for gdb and addr2line with names, lines, frames, and variables, and without a byte of the
/// image, which stays what it is.
/// </summary>
public static class SymbolFile
{
    private const string CodeSection = ".managedcode$I";

    // Where boot.asm calls C#, and where cpu.asm has an interrupt's registers in EBP.
    private const string FirstCode = "_start.own_segments";
    private const string FirstCodeEnd = "stop";
    private const string Interrupt = "interrupt_common";
    private const string InterruptEnd = "asm_interrupt_entries";
    private const uint InterruptSetUpBytes = 4;

    /// <summary>Makes it.</summary>
    /// <param name="folder">The folder to which the sources' names are relative.</param>
    /// <param name="assemblies">The C# compiler's assemblies: the names.</param>
    /// <param name="compiled">NativeAOT's object, compiled with -g: methods, lines, and variables.</param>
    /// <param name="linked">ld's image, with its symbols.</param>
    /// <param name="image">The same image as it was before lowering.</param>
    /// <param name="layout">Where its code lies.</param>
    /// <param name="moves">What lowering moved.</param>
    /// <returns>The bytes of the ELF file.</returns>
    /// <exception cref="BadInputException">One of the files is not what it should be.</exception>
    public static byte[] Make(
        string folder, IReadOnlyList<string> assemblies, string compiled, string linked, CodeImage image, CodeLayout layout,
        IReadOnlyList<CodeMove> moves)
    {
        CoffFile kernel = new(compiled, File.ReadAllBytes(compiled));
        CoffFile symbols = new(linked, File.ReadAllBytes(linked));
        IReadOnlyList<Method> methods = ReadMethods(compiled, kernel, layout);
        MethodNames names = new();
        foreach (string assembly in assemblies)
        {
            using FileStream metadata = File.OpenRead(assembly);
            names.Add(metadata);
        }

        MovedCode moved = new(moves);
        CallFrames frames = new(image, methods);
        DwarfLines lines = new();
        DwarfFrames unwinding = new();
        List<CodeRange> all = [.. methods.SelectMany(m => moved.Of(m.Start, m.End))];
        DwarfInfo info = new(folder, new CodeViewTypes(kernel), moved, all);
        foreach (Method method in methods)
        {
            info.Add(names.Of(method.Symbol), method);
            AddFrames(unwinding, frames.Of(method, out _), method, moved);
            foreach (List<LineRow> piece in method.File == null ? [] : moved.Lines(method))
            {
                lines.Add(Relative(folder, method.File!), piece);
            }
        }

        Dictionary<string, uint> labels = Labels(symbols);
        AddAssembler(unwinding, labels);
        ElfFile elf = new();
        foreach (CoffSection section in symbols.Sections.Where(s => s.Name is ".text" or ".rdata" or ".data" or ".bss"))
        {
            elf.AddMemory(section.Name, section.Address, section.Size, isCode: section.Name == ".text");
        }

        elf.Add(".debug_info", info.ToArray());
        elf.Add(".debug_abbrev", Abbreviations.Bytes());
        elf.Add(".debug_line", lines.ToArray());
        elf.Add(".debug_frame", unwinding.ToArray());
        elf.Add(".debug_ranges", info.Ranges);
        elf.Add(".debug_loc", info.Places);
        HashSet<uint> named = [];
        foreach (Method method in methods)
        {
            elf.AddSymbol(names.Of(method.Symbol), method.Start, method.Length);
            named.Add(method.Start);
        }

        foreach ((string name, uint address) in labels.Where(l => !named.Contains(l.Value)))
        {
            elf.AddSymbol(name, address, 0);
        }

        return elf.ToArray();
    }

    /// <summary>The methods of an object, by their addresses in the linked image.</summary>
    public static IReadOnlyList<Method> ReadMethods(string name, CoffFile compiled, CodeLayout layout)
    {
        int code = compiled.Sections.ToList().FindIndex(s => s.Name == CodeSection) + 1;
        return CodeViewReader.Read(name, compiled, s => s.Section == code && code > 0 ? layout.Start + s.Value : null);
    }

    // ld writes addresses as offsets in the sections of its image, whose base is 0.
    private static Dictionary<string, uint> Labels(CoffFile linked)
    {
        Dictionary<string, uint> labels = [];
        foreach (CoffSymbol symbol in linked.Symbols)
        {
            if (symbol.IsLabel && symbol.Section > 0 && symbol.Section <= linked.Sections.Count && !symbol.Name.StartsWith('.'))
            {
                labels.TryAdd(symbol.Name, linked.Sections[symbol.Section - 1].Address + symbol.Value);
            }
        }

        return labels;
    }

    private static void AddFrames(DwarfFrames unwinding, List<FrameRow> rows, Method method, MovedCode moved)
    {
        unwinding.Add(new CodeRange(method.Start, method.End), rows);
        foreach (CodeMove move in moved.In(method.Start, method.End).Where(m => m.To != m.ToEnd))
        {
            // What stands for an instruction moves ESP, if at all, only on the way.
            FrameRow row = rows.Last(r => r.Address <= move.From);
            unwinding.Add(new CodeRange(move.To, move.ToEnd), [row with { Address = move.To }]);
        }
    }

    private static void AddAssembler(DwarfFrames unwinding, Dictionary<string, uint> labels)
    {
        if (labels.TryGetValue(FirstCode, out uint first) && labels.TryGetValue(FirstCodeEnd, out uint end))
        {
            // The return address of the call is the label behind it.
            unwinding.AddOutermost(new CodeRange(first, end + 1));
        }

        if (labels.TryGetValue(Interrupt, out first) && labels.TryGetValue(InterruptEnd, out end))
        {
            unwinding.AddInterrupt(new CodeRange(first + InterruptSetUpBytes, end));
        }
    }

    private static string Relative(string folder, string file)
        => file.StartsWith(folder + "/", StringComparison.Ordinal) ? file[(folder.Length + 1)..] : file;
}
