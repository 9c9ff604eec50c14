namespace CosmosBootAlloc.Simulator.Replay;

/// <summary>The operations of one stage. A trace kind is a list of sets, tried in order.</summary>
public interface IOperationSet
{
    /// <summary>Performs the operation on the machine's own stage.</summary>
    /// <returns>False when the name is not of this set.</returns>
    bool Perform(TraceOperation operation, TraceResults results);
}
