using System;
using System.IO;
using CosmosBootAlloc.Tool.Replay;

// Replaced by the real command line (Commands/).
foreach (string file in args[1..])
{
    using StreamReader reader = new(file);
    Replayer.Replay(file, reader, Console.Out);
}
