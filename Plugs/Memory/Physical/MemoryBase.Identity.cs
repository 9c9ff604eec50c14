namespace CosmosBootAlloc.Memory.Physical;

/// <summary>
/// Where physical address 0 is seen. In this form a physical address is a pointer, and the compiler knows it: there is nothing to load and
/// nothing to add.
/// </summary>
public unsafe struct MemoryBase
{
    /// <summary>Physical address 0, which is null. Setting it changes nothing: such a kernel has no other.</summary>
    public readonly byte* Start
    {
        get => null;
        set { }
    }
}
