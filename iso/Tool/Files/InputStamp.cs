using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Files;

/// <summary>A file beside an output that holds the fingerprint of what the output was made from.</summary>
/// <param name="output">The output.</param>
/// <param name="inputs">The fingerprint of its inputs as they are now.</param>
public sealed class InputStamp(string output, string inputs)
{
    private readonly string _file = output + ".inputs";

    /// <summary>Whether the output is there and was made from these inputs.</summary>
    public async Task<bool> HoldsAsync(CancellationToken cancel)
        => File.Exists(output) && File.Exists(_file) && await File.ReadAllTextAsync(_file, cancel) == inputs;

    /// <summary>Removes the stamp, before the output is made again.</summary>
    public void Remove() => File.Delete(_file);

    /// <summary>Writes it, after the output was made.</summary>
    public Task WriteAsync(CancellationToken cancel) => File.WriteAllTextAsync(_file, inputs, cancel);
}
