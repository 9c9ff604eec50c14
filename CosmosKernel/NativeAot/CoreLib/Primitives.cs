// The core library of the freestanding kernel: just what the compilers insist on and the kernel uses. ILCompiler names every
// missing piece in its error, so nothing here is by guess. Types whose fields look unused are laid out by the compiler.
namespace System;

/// <summary>The root of all classes: one pointer to the method table.</summary>
public class Object
{
    internal IntPtr MethodTablePointer;

    /// <summary>Nothing to set up.</summary>
    public Object()
    {
    }

    /// <summary>Reference equality.</summary>
    public virtual bool Equals(object other) => this == other;

    /// <summary>No hash: objects are not moved, but nothing here needs one.</summary>
    public virtual int GetHashCode() => 0;

    /// <summary>A fixed text; kernel types print themselves.</summary>
    public virtual string ToString() => "object";
}

public struct Void
{
}

public struct Boolean
{
    private bool _value;
}

public struct Char
{
    private char _value;
}

public struct SByte
{
    private sbyte _value;
}

public struct Byte
{
    private byte _value;
}

public struct Int16
{
    private short _value;
}

public struct UInt16
{
    private ushort _value;
}

public struct Int32
{
    public const int MaxValue = 0x7fffffff;

    private int _value;
}

public struct UInt32
{
    public const uint MaxValue = 0xffffffff;

    private uint _value;
}

public struct Int64
{
    private long _value;
}

public struct UInt64
{
    public const ulong MaxValue = 0xffffffffffffffff;

    private ulong _value;
}

public struct Single
{
    private float _value;
}

public struct Double
{
    private double _value;
}

public unsafe struct IntPtr
{
    private void* _value;
}

public unsafe struct UIntPtr
{
    private void* _value;
}

public abstract class ValueType
{
}

public abstract class Enum : ValueType
{
}

public struct Nullable<T>
    where T : struct
{
    private readonly bool _hasValue;
    private T _value;

    public Nullable(T value)
    {
        _value = value;
        _hasValue = true;
    }

    public bool HasValue => _hasValue;

    public T GetValueOrDefault() => _value;
}

public class Exception
{
}

public class Type
{
}

public class RuntimeType : Type
{
}

public struct RuntimeTypeHandle
{
    private IntPtr _value;
}

public struct RuntimeMethodHandle
{
    private IntPtr _value;
}

public struct RuntimeFieldHandle
{
    private IntPtr _value;
}

public interface IDisposable
{
    void Dispose();
}
