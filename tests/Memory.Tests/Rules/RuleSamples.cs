using System;

#pragma warning disable CA1822, CS0649, IDE0044 // The samples are what they are on purpose.

namespace CosmosBootAlloc.Memory.Tests.Rules;

/// <summary>Code that breaks the rules, one rule a type, compiled so that the check can be seen to find it.</summary>
internal static unsafe class RuleSamples
{
    internal interface IShape
    {
        int Area();
    }

    internal sealed class Holder
    {
        internal int Value;

        internal int Get() => Value;
    }

    internal static class VirtualCall
    {
        internal static int OfAnObject(Holder holder) => holder.Get();
    }

    internal static class VirtualCallConstrained
    {
        internal static string OfAStruct(int value) => value.ToString();

        internal static int OfATypeParameter<T>(T shape)
            where T : IShape => shape.Area();
    }

    internal struct InterfaceImplementation : IShape
    {
        public readonly int Area() => 1;
    }

    internal static class IgnoredResult
    {
        internal static void Run(int value) => Take(value);

        private static bool Take(int value) => value > 0;
    }

    internal static class Boxing
    {
        internal static object Run(int value) => value;
    }

    internal static class NewObject
    {
        internal static Holder Run() => new();
    }

    internal static class NewArray
    {
        internal static int[] Run(int count) => new int[count];
    }

    internal static class ArrayAccess
    {
        internal static int Run(int[] numbers) => numbers[0];
    }

    internal static class Cast
    {
        internal static bool Run(object thing) => thing is Holder;
    }

    internal static class Throwing
    {
        internal static void Run() => throw new InvalidOperationException();
    }

    internal static class Catching
    {
        internal static int Run(int* p)
        {
            try
            {
                return *p;
            }
            finally
            {
                *p = 0;
            }
        }
    }

    internal static class DelegateOfInstance
    {
        internal static Func<int> Run(Holder holder) => holder.Get;
    }

    internal static class Overflow
    {
        internal static int Run(int a, int b) => checked(a + b);
    }

    internal static class SignedDivision
    {
        internal static long Run(long a) => a / 10;
    }

    internal static class SignedRemainder
    {
        internal static long Run(int a, long b) => a % b;
    }

    internal static class SignedShift
    {
        internal static long Run(long a, int by) => a >> by;
    }

    internal static class DivisionByVariable
    {
        internal static ulong Run(ulong a, uint b) => a / b;
    }

    internal static class RemainderByLargeConstant
    {
        internal static ulong Run(ulong a) => a % 0x1_0000_0001;
    }

    internal static class DivisionByOneOfTwoConstants
    {
        // Where two paths meet with different divisors, none is known.
        internal static ulong Run(ulong a, bool large) => a / (large ? 0x1_0000_0001UL : 10UL);
    }

    internal static class FloatingConversion
    {
        internal static int Run(int a) => (int)(a * 1.5);
    }

    internal static class FloatingDivision
    {
        internal static void Run(float* a, float* b) => *a = *a / *b;
    }

    internal struct FloatingField
    {
        internal float Value;
    }

    internal static class OutsideCall
    {
        internal static int Run(int a, int b) => Math.Max(a, b);
    }

    internal static class OutsideConstructor
    {
        internal static DateTime Run(long ticks) => new(ticks);
    }

    internal static class StaticField
    {
        internal static int Counter;

        internal static void Run() => Counter++;
    }
}

/// <summary>Code that looks similar and is allowed.</summary>
internal static unsafe class AllowedSamples
{
    internal enum Wide : ulong
    {
        Some = 1,
    }

    internal struct Pair
    {
        internal const ulong Page = 4096;

        internal ulong Low;
        private fixed ulong _words[8];

        internal Pair(ulong low)
        {
            Low = low;
        }

        internal readonly ulong Half => Low >> 1;

        internal ulong Word(int index) => _words[index];
    }

    internal static class Arithmetic
    {
        internal static ulong ConstantDivisors(ulong a) => (a / 10) + (a % 4096) + (a / 0xffffffff) + (a / Pair.Page);

        internal static uint NarrowDivisors(uint a, uint b) => (a / b) + (a % b);

        internal static int SignedNarrow(int a, int b) => (a / b) + (a >> 3);

        internal static ulong UnsignedShift(ulong a, int by) => (a >> by) | (a << by);

        internal static ulong OneOfTwoConstantsOfTheSameValue(ulong a, bool b) => (b ? a + 1 : a) / 10;

        internal static ulong OfAnEnum(Wide a) => (ulong)a >> 3;

        internal static long PointerDifference(Pair* a, Pair* b) => a - b;
    }

    internal static class Calls
    {
        internal static int Text(string text) => text.Length > 0 ? text[0] : 0;

        internal static ulong Struct(ulong a) => new Pair(a).Half;

        internal static ulong Pointer(delegate*<ulong, ulong> function, ulong a) => function(a);

        internal static delegate*<ulong, ulong> StaticFunction() => &Struct;

        internal static ulong Local()
        {
            ulong* words = stackalloc ulong[8];
            words[0] = 1;
            return words[0];
        }

        internal static int Choose(uint a)
        {
            switch (a)
            {
                case 0:
                    return 5;
                case 1:
                    return 6;
                case 2:
                    return 9;
                default:
                    return 1;
            }
        }
    }
}
