using System.Collections.Generic;

namespace CosmosBootAlloc.Tool.Emulators;

/// <summary>Keys for the boot menu.</summary>
public static class MenuKeys
{
    /// <summary>Chooses an entry, counted from 0.</summary>
    public static IReadOnlyList<string> Choose(int line)
    {
        List<string> keys = [];
        for (int i = 0; i < line; i++)
        {
            keys.Add("down");
        }

        keys.Add("ret");
        return keys;
    }
}
