namespace CosmosBootAlloc.Tool.Project;

/// <summary>How C# becomes a kernel.</summary>
public enum Toolchain
{
    /// <summary>Microsoft's NativeAOT compiler with Debian's binutils and nasm: the embedded default.</summary>
    NativeAot,

    /// <summary>IL2CPU with the Cosmos gen2 packages; needs the Cosmos kit on the machine.</summary>
    Cosmos,
}

/// <summary>Names of toolchains.</summary>
public static class ToolchainNames
{
    /// <summary>As on the command line and in the boot line.</summary>
    public static string Word(this Toolchain toolchain) => toolchain == Toolchain.Cosmos ? "cosmos" : "nativeaot";

    /// <summary>Behind a variant's name in file names: nothing for the embedded toolchain.</summary>
    public static string Suffix(this Toolchain toolchain) => toolchain == Toolchain.Cosmos ? "-cosmos" : "";
}
