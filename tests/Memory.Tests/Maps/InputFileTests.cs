using System.IO;
using System.IO.Compression;
using System.Text;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Simulator.Maps;
using Xunit;

namespace CosmosBootAlloc.Memory.Tests.Maps;

/// <summary>Files that are no text.</summary>
public sealed class InputFileTests
{
    // A log as logrotate leaves it: expect to be told what to do, not that its bytes are no map.
    [Fact]
    public void ACompressedFileIsNamedAsSuch()
    {
        string file = Path.GetTempFileName();
        try
        {
            using (GZipStream zip = new(File.Create(file), CompressionLevel.Fastest))
            {
                zip.Write(Encoding.ASCII.GetBytes("[    0.000000] Linux version 2.6.34\n"));
            }

            Assert.Equal($"{file}: expected text, found a compressed file; try 'zcat FILE | bootalloc ... /dev/stdin'",
                Assert.Throws<BadInputException>(() => PastedText.Load(file)).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
