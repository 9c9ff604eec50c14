using System;

namespace CosmosBootAlloc.Simulator;

/// <summary>What the person gave is wrong: one line, with file and line where there is one, and what was expected.</summary>
public sealed class BadInputException(string message) : Exception(message);
