using CosmosBootAlloc.Boot.State;

namespace Internal.Runtime.CompilerHelpers;

/// <summary>What the compiler calls where C# would throw. Nothing unwinds here, so each stops the kernel with a message.</summary>
internal static class ThrowHelpers
{
    private static void ThrowIndexOutOfRangeException() => Fatal.Stop("array index out of range");

    private static void ThrowNullReferenceException() => Fatal.Stop("null reference");

    private static void ThrowDivideByZeroException() => Fatal.Stop("division by zero");

    private static void ThrowOverflowException() => Fatal.Stop("arithmetic overflow");

    private static void ThrowPlatformNotSupportedException() => Fatal.Stop("platform not supported");

    private static void ThrowFeatureBodyRemoved() => Fatal.Stop("a feature that was compiled out");

    private static void ThrowInstanceBodyRemoved() => Fatal.Stop("a method of a type that was compiled out");

    private static void ThrowInvalidProgramException(int id) => Fatal.Stop("invalid program");

    private static void ThrowInvalidProgramExceptionWithArgument(int id, string method) => Fatal.Stop("invalid program");
}

internal static class StartupCodeHelpers
{
}

internal static class LdTokenHelpers
{
    private static System.RuntimeTypeHandle GetRuntimeTypeHandle(System.IntPtr type) => default;

    private static System.RuntimeFieldHandle GetRuntimeFieldHandle(System.IntPtr field) => default;

    private static System.RuntimeMethodHandle GetRuntimeMethodHandle(System.IntPtr method) => default;

    private static System.Type GetRuntimeType(System.IntPtr type) => null;
}
