namespace CosmosBootAlloc.Kernel.SelfTest;

/// <summary>
/// One object of every kind that a collector has to follow, each reachable in one way only and holding a number that
/// can be computed again: what the collector loses, or follows wrongly, shows as a wrong sum.
/// </summary>
internal sealed class ObjectGraph
{
    private readonly Node _list;
    private readonly Node _ring;
    private readonly object[] _mixed;
    private readonly Pair[] _pairs;
    private readonly Deep[] _deep;
    private readonly int[][] _rows;
    private readonly Box<Node> _generic;
    private readonly Box<Pair> _genericOfStruct;
    private readonly object _boxedPair;
    private readonly Numbers _closure;
    private readonly Wide _wide;
    private readonly int _length;
    private readonly int _seed;

    /// <summary>Builds a graph with a list of so many nodes; everything else grows with its root.</summary>
    internal ObjectGraph(int length, int seed)
    {
        _length = length;
        _seed = seed;
        Node list = null;
        for (int i = 0; i < length; i++)
        {
            list = new Node { Next = list, Value = i + seed };
        }

        _list = list;

        Node first = new Node { Value = seed };
        Node last = first;
        for (int i = 1; i < 100; i++)
        {
            last = new Node { Next = last, Value = seed + i };
        }

        first.Next = last;
        _ring = first;

        _mixed = new object[] { new Node { Value = seed }, Text(seed), seed + 1, new int[] { seed, 2, 3 }, null, "literal", this };
        _pairs = new Pair[300];
        _deep = new Deep[50];
        _rows = new int[40][];
        for (int i = 0; i < _pairs.Length; i++)
        {
            _pairs[i] = new Pair { Number = i, Left = new Node { Value = seed + i }, Right = new Node { Value = seed - i } };
        }

        for (int i = 0; i < _deep.Length; i++)
        {
            Pair second = new Pair { Left = new Node { Value = i }, Right = null, Number = i };
            _deep[i] = new Deep { A = i, First = new Node { Value = seed ^ i }, B = i, C = i, Second = second, D = (byte)i };
        }

        for (int i = 0; i < _rows.Length; i++)
        {
            _rows[i] = new int[1 + (i * 100)];
            _rows[i][i * 100] = seed + i;
        }

        _generic = new Box<Node> { Value = new Node { Value = seed } };
        _genericOfStruct = new Box<Pair>
        {
            Value = new Pair { Left = new Node { Value = seed }, Right = new Node { Value = 1 }, Number = 2 },
        };
        _boxedPair = new Pair { Left = new Node { Value = 3 }, Right = new Node { Value = seed }, Number = 4 };
        Node captured = new Node { Value = seed };
        int number = 5;
        _closure = value => captured.Value + number + value;
        _wide = new Wide
        {
            N00 = new Node { Value = 1 },
            Number = 77,
            N01 = new Node { Value = 2 },
            Small = 9,
            N02 = new Node { Value = seed },
        };
    }

    private delegate int Numbers(int value);

    /// <summary>The list alone, to be held from the outside.</summary>
    internal object List => _list;

    /// <summary>Walks everything. 0 when all is as it was built, else the number of the part that is not.</summary>
    internal int FindFault()
    {
        int seed = _seed;
        int left = _length;
        for (Node node = _list; node != null; node = node.Next)
        {
            left--;
            if (node.Value != left + seed)
            {
                return 1;
            }
        }

        if (left != 0)
        {
            return 2;
        }

        Node at = _ring;
        for (int i = 0; i < 100; i++)
        {
            if (at.Value != seed + (i == 0 ? 0 : 100 - i))
            {
                return 3;
            }

            at = at.Next;
        }

        if (at != _ring)
        {
            return 4;
        }

        if (((Node)_mixed[0]).Value != seed || !IsText((char[])_mixed[1], seed) || (int)_mixed[2] != seed + 1
            || ((int[])_mixed[3])[0] != seed || _mixed[4] != null
            || (string)_mixed[5] != "literal" || _mixed[6] != (object)this)
        {
            return 5;
        }

        for (int i = 0; i < _pairs.Length; i++)
        {
            if (_pairs[i].Number != i || _pairs[i].Left.Value != seed + i || _pairs[i].Right.Value != seed - i)
            {
                return 6;
            }
        }

        for (int i = 0; i < _deep.Length; i++)
        {
            if (_deep[i].First.Value != (seed ^ i) || _deep[i].Second.Left.Value != i || _deep[i].Second.Right != null || _deep[i].A != i
                || _deep[i].D != (byte)i)
            {
                return 7;
            }
        }

        for (int i = 0; i < _rows.Length; i++)
        {
            if (_rows[i].Length != 1 + (i * 100) || _rows[i][i * 100] != seed + i || (i > 0 && _rows[i][0] != 0))
            {
                return 8;
            }
        }

        if (_generic.Value.Value != seed || _genericOfStruct.Value.Left.Value != seed || _genericOfStruct.Value.Right.Value != 1)
        {
            return 9;
        }

        Pair boxed = (Pair)_boxedPair;
        if (boxed.Left.Value != 3 || boxed.Right.Value != seed || boxed.Number != 4)
        {
            return 10;
        }

        if (_closure(1) != seed + 6)
        {
            return 11;
        }

        return _wide.N00.Value == 1 && _wide.N01.Value == 2 && _wide.N02.Value == seed && _wide.Number == 77 && _wide.Small == 9 ? 0 : 12;
    }

    private static char[] Text(int seed)
    {
        char[] text = new char[20];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)('a' + ((seed + i) & 15));
        }

        return text;
    }

    private static bool IsText(char[] text, int seed)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != 'a' + ((seed + i) & 15))
            {
                return false;
            }
        }

        return text.Length == 20;
    }

    /// <summary>A list's or a ring's element.</summary>
    internal sealed class Node
    {
        internal Node Next;
        internal int Value;
    }

    /// <summary>A struct whose references do not lie side by side.</summary>
    private struct Pair
    {
        internal Node Left;
        internal int Number;
        internal Node Right;
    }

    /// <summary>One with two runs of references, and another struct in it.</summary>
    private struct Deep
    {
        internal int A;
        internal Node First;
        internal int B;
        internal int C;
        internal Pair Second;
        internal byte D;
    }

    private sealed class Box<T>
    {
        internal T Value;
    }

    private class Base
    {
        internal Node N00;
        internal int Number;
    }

    /// <summary>References of its own and of its base.</summary>
    private sealed class Wide : Base
    {
        internal Node N01;
        internal byte Small;
        internal Node N02;
    }
}
