using System;
using System.Collections.Generic;

// Two rooms for the tests of the arrow check.

namespace CosmosBootAlloc.Memory.Tests.Rules.Samples.Lower
{
    using CosmosBootAlloc.Memory.Tests.Rules.Samples.Upper;

    internal sealed class ByField
    {
        internal Thing? Field;
    }

    internal sealed class ByBase : Thing;

    internal sealed class ByGeneric
    {
        internal List<Thing>? Field;
    }

    [Mark]
    internal sealed class ByAttribute;

    internal sealed class ByCall
    {
        internal static void Call() => Thing.Do();
    }

    internal sealed class ByLocal
    {
        internal static int Size()
        {
            Value value = default;
            return value.ToString()!.Length;
        }
    }

    internal sealed class Alone;
}

namespace CosmosBootAlloc.Memory.Tests.Rules.Samples.Upper
{
    internal class Thing
    {
        internal Lower.Alone? Down;

        internal static void Do()
        {
        }
    }

    internal struct Value;

    internal sealed class MarkAttribute : Attribute;
}
