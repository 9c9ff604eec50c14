namespace System
{
    public class Attribute
    {
    }

    public enum AttributeTargets
    {
        Assembly = 1,
        Module = 2,
        Class = 4,
        Struct = 8,
        Enum = 16,
        Constructor = 32,
        Method = 64,
        Property = 128,
        Field = 256,
        Event = 512,
        Interface = 1024,
        Parameter = 2048,
        Delegate = 4096,
        ReturnValue = 8192,
        GenericParameter = 16384,
        All = 0x7fff,
    }

    public sealed class AttributeUsageAttribute : Attribute
    {
        public AttributeUsageAttribute(AttributeTargets targets)
        {
        }

        public bool AllowMultiple { get; set; }

        public bool Inherited { get; set; }
    }

    public sealed class FlagsAttribute : Attribute
    {
    }

    public sealed class ParamArrayAttribute : Attribute
    {
    }
}

namespace System.Reflection
{
    public sealed class DefaultMemberAttribute : Attribute
    {
        public DefaultMemberAttribute(string name)
        {
        }
    }
}

namespace System.Runtime
{
    /// <summary>The method is linked under this name: the compiler or boot.asm calls it.</summary>
    public sealed class RuntimeExportAttribute : Attribute
    {
        public RuntimeExportAttribute(string entry)
        {
        }
    }

    /// <summary>The body is the symbol of this name, from Boot/*.asm or another assembly.</summary>
    public sealed class RuntimeImportAttribute : Attribute
    {
        public RuntimeImportAttribute(string entry)
        {
        }
    }
}

namespace System.Runtime.CompilerServices
{
    public enum MethodImplOptions
    {
        NoInlining = 8,
        NoOptimization = 64,
        AggressiveInlining = 256,
        InternalCall = 4096,
    }

    public sealed class MethodImplAttribute : Attribute
    {
        public MethodImplAttribute(MethodImplOptions options)
        {
        }
    }

    public sealed class SkipLocalsInitAttribute : Attribute
    {
    }

    public static class RuntimeFeature
    {
        public const string DefaultImplementationsOfInterfaces = "DefaultImplementationsOfInterfaces";
        public const string UnmanagedSignatureCallingConvention = "UnmanagedSignatureCallingConvention";
        public const string NumericIntPtr = "NumericIntPtr";
    }

    public sealed class IntrinsicAttribute : Attribute
    {
    }

    public sealed class IndexerNameAttribute : Attribute
    {
        public IndexerNameAttribute(string name)
        {
        }
    }

    public sealed class IsReadOnlyAttribute : Attribute
    {
    }

    public sealed class IsUnmanagedAttribute : Attribute
    {
    }

    public sealed class IsVolatile
    {
    }

    public sealed class UnsafeValueTypeAttribute : Attribute
    {
    }

    public sealed class FixedBufferAttribute : Attribute
    {
        public FixedBufferAttribute(Type type, int length)
        {
        }
    }

    public sealed class CompilerGeneratedAttribute : Attribute
    {
    }

    public static unsafe class RuntimeHelpers
    {
        /// <summary>Bytes from a string's start to its characters.</summary>
        public static int OffsetToStringData => 8;
    }
}

namespace System.Runtime.InteropServices
{
    public enum LayoutKind
    {
        Sequential = 0,
        Explicit = 2,
        Auto = 3,
    }

    public enum CharSet
    {
        None = 1,
        Ansi = 2,
        Unicode = 3,
        Auto = 4,
    }

    public sealed class StructLayoutAttribute : Attribute
    {
        public int Size;
        public int Pack;
        public CharSet CharSet;

        public StructLayoutAttribute(LayoutKind kind)
        {
        }
    }

    public sealed class FieldOffsetAttribute : Attribute
    {
        public FieldOffsetAttribute(int offset)
        {
        }
    }

    /// <summary>Asked for by the compiler with any interface call; nothing here implements it.</summary>
    public unsafe interface IDynamicInterfaceCastable
    {
        static IntPtr GetDynamicInterfaceImplementation(IDynamicInterfaceCastable instance, Internal.Runtime.MethodTable* type, ushort slot)
            => default;

        static bool IsInterfaceImplemented(IDynamicInterfaceCastable instance, Internal.Runtime.MethodTable* type, bool mayThrow) => false;
    }

    public sealed class InAttribute : Attribute
    {
    }

    public sealed class OutAttribute : Attribute
    {
    }
}
