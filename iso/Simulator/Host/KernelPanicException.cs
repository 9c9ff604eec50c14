using System;

namespace CosmosBootAlloc.Simulator.Host;

/// <summary>What a panic of the memory code becomes on the host; the message is the kernel's own.</summary>
public sealed class KernelPanicException(string message) : Exception(message);
