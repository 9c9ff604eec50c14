using System.Runtime;
using System.Runtime.CompilerServices;
using CosmosBootAlloc.Boot.State;

namespace System;

/// <summary>64-bit division, which the compiler calls by these names on a 32-bit machine. The work is in Boot/runtime.asm.</summary>
public static class Math
{
    private static ulong DivUInt64(ulong dividend, ulong divisor)
    {
        Check(divisor);
        return Divide(dividend, divisor);
    }

    private static ulong ModUInt64(ulong dividend, ulong divisor)
    {
        Check(divisor);
        return Modulo(dividend, divisor);
    }

    private static long DivInt64(long dividend, long divisor)
    {
        ulong quotient = DivUInt64(Magnitude(dividend), Magnitude(divisor));
        return (dividend < 0) != (divisor < 0) ? -(long)quotient : (long)quotient;
    }

    private static long ModInt64(long dividend, long divisor)
    {
        ulong remainder = ModUInt64(Magnitude(dividend), Magnitude(divisor));
        return dividend < 0 ? -(long)remainder : (long)remainder;
    }

    private static ulong Magnitude(long value) => (ulong)(value < 0 ? -value : value);

    private static void Check(ulong divisor)
    {
        if (divisor == 0)
        {
            Fatal.Stop("division by zero");
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_divide_u64")]
    private static extern ulong Divide(ulong dividend, ulong divisor);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("asm_modulo_u64")]
    private static extern ulong Modulo(ulong dividend, ulong divisor);
}
