using System.Collections.Generic;
using System.Linq;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Every emulator that the tool can use: the one place to add another to.</summary>
public static class EmulatorList
{
    /// <summary>All of them, the default first.</summary>
    public static IReadOnlyList<IEmulator> All { get; } =
    [
        Qemu.Instance,
        Bochs.Instance,
        DosBox.Instance,
    ];

    /// <summary>The emulator that is used unless another is named.</summary>
    public static IEmulator Default => All[0];

    /// <summary>The names, for messages and options.</summary>
    public static IReadOnlyList<string> Words => [.. All.Select(e => e.Word)];

    /// <summary>The emulator with that name on the command line, or null.</summary>
    public static IEmulator? Find(string word) => All.FirstOrDefault(e => e.Word == word);
}
