using Internal.Runtime;

namespace System
{
    /// <summary>The base of all arrays: the element count, then the elements.</summary>
    public abstract class Array
    {
        internal int ElementCount;

        public int Length => ElementCount;
    }

    /// <summary>What the compiler takes as the type of every T[].</summary>
    public class Array<T> : Array
    {
    }
}

namespace System.Collections
{
    public interface IEnumerable
    {
        IEnumerator GetEnumerator();
    }

    public interface IEnumerator
    {
        object Current { get; }

        bool MoveNext();

        void Reset();
    }
}
