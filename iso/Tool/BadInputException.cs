using System;

namespace CosmosBootAlloc.Tool;

/// <summary>What the person gave is wrong: one line, with file and line where there is one, and what was expected. Exit status 2.</summary>
public sealed class BadInputException(string message) : Exception(message);
