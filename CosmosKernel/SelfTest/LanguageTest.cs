namespace CosmosBootAlloc.Kernel.SelfTest;

/// <summary>What the compiler made of C#: the arithmetic that the memory code relies on, and objects on the new heap.</summary>
internal static unsafe class LanguageTest
{
    private static readonly int[] s_table = new int[] { 1, 2, 3, 5, 8 };

    private interface IShape
    {
        int Area();
    }

    private delegate int Operation(int value);

    internal static void Run(Checks* checks)
    {
        Arithmetic(checks, 0xfedcba9876543210, 1000, 36);
        Shape square = new Square(5);
        Shape circle = new Circle(2);
        checks->Equal(25, (ulong)square.Area(), "a virtual call finds the override");
        checks->Equal(12, (ulong)Through(circle), "an interface call finds the method");
        checks->Equal(25, (ulong)Through(square), "the same call on another class finds the other method");
        checks->Expect((object)square is Square && !((object)square is Circle), "type tests tell classes apart");

        Shape[] shapes = new Shape[3];
        shapes[2] = circle;
        checks->Equal(12, (ulong)shapes[2].Area(), "arrays keep references");
        checks->Expect(shapes[0] == null, "new arrays are empty");
        checks->Equal(8, (ulong)s_table[4], "a static array is initialised");

        object boxed = square.Area();
        checks->Equal(25, (ulong)(int)boxed, "a boxed number comes back");

        int added = square.Area();
        Operation add = value => value + added;
        checks->Equal(32, (ulong)add(7), "a closure keeps what it captured");
        checks->Expect(s_table.Length == 5 && "text".Length == 4 && "text"[1] == 'e', "lengths and characters are right");

        Node list = null;
        for (int i = 0; i < 1000; i++)
        {
            list = new Node { Next = list, Value = i };
        }

        int sum = 0;
        for (Node node = list; node != null; node = node.Next)
        {
            sum += node.Value;
        }

        checks->Equal(499500, (ulong)sum, "a list of 1,000 objects is whole");
    }

    private static void Arithmetic(Checks* checks, ulong x, ulong thousand, int shift)
    {
        checks->Equal(18364758544493064, x / thousand, "64-bit division");
        checks->Equal(720, x % thousand, "64-bit remainder");
        checks->Equal(0xfedcba9, x >> shift, "64-bit shift right");
        checks->Equal(0x5432100000000000, x << (shift + 4), "64-bit shift left");
        checks->Equal(0x999999999999ae50, x * (thousand + 0x11f5d), "64-bit product");
        checks->Expect(x > 0x7fffffffffffffff && (x & 0xffffffff) < x, "64-bit comparison is unsigned");
    }

    private static int Through(IShape shape) => shape.Area();

    private abstract class Shape : IShape
    {
        public abstract int Area();
    }

    private sealed class Square : Shape
    {
        private readonly int _side;

        internal Square(int side)
        {
            _side = side;
        }

        public override int Area() => _side * _side;
    }

    private sealed class Circle : Shape
    {
        private readonly int _radius;

        internal Circle(int radius)
        {
            _radius = radius;
        }

        public override int Area() => 3 * _radius * _radius;
    }

    private sealed class Node
    {
        internal Node Next;
        internal int Value;
    }
}
