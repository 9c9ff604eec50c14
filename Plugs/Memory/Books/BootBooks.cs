using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Memory.Books;

/// <summary>
/// The books of one boot: which RAM there is, who claimed what of it, and what the boot allocators themselves took. Written by the stages
/// while the page allocator fills; read by everything that must explain where memory went. The struct must not move.
/// </summary>
public unsafe struct BootBooks
{
    /// <summary>What the boot must account for.</summary>
    public UsableRam Ram;

    /// <summary>Who claimed which range, in the order of boot.</summary>
    public ClaimList Claims;

    /// <summary>What the boot allocators' own tables take.</summary>
    public BootTables Tables;

    /// <summary>Where the lines about them go.</summary>
    public KernelLog* Log;

    /// <summary>Starts empty books.</summary>
    public void Init(KernelLog* log)
    {
        Log = log;
        Ram = default;
        Tables = default;
        Claims.Init(log);
    }
}
