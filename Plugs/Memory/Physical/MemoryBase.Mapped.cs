namespace CosmosBootAlloc.Memory.Physical;

/// <summary>Where physical address 0 is seen. This form can be anywhere: the host maps the RAM of a machine that is not its own.</summary>
public unsafe struct MemoryBase
{
    /// <summary>Physical address 0.</summary>
    public byte* Start;
}
