namespace CosmosBootAlloc.Tool.Project;

/// <summary>How C# becomes a kernel.</summary>
public enum Toolchain
{
    /// <summary>Microsoft's NativeAOT compiler with Debian's binutils and nasm: the embedded default.</summary>
    NativeAot,

    /// <summary>IL2CPU with the Cosmos gen2 packages; needs the Cosmos kit on the machine.</summary>
    Cosmos,
}
