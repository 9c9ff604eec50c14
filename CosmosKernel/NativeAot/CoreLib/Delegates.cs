namespace System;

/// <summary>A method and its first argument; the compiler emits calls of the Initialize methods by name.</summary>
public abstract class Delegate
{
    internal object _firstParameter;
    internal object _helperObject;
    internal IntPtr _extraFunctionPointerOrData;
    internal IntPtr _functionPointer;

    internal void InitializeClosedInstance(object firstParameter, IntPtr functionPointer)
    {
        _functionPointer = functionPointer;
        _firstParameter = firstParameter;
    }

    internal void InitializeOpenStaticThunk(object firstParameter, IntPtr functionPointer, IntPtr functionPointerThunk)
    {
        _firstParameter = this;
        _functionPointer = functionPointerThunk;
        _extraFunctionPointerOrData = functionPointer;
    }

    internal void InitializeClosedStaticThunk(object firstParameter, IntPtr functionPointer, IntPtr functionPointerThunk)
    {
        _helperObject = firstParameter;
        _extraFunctionPointerOrData = functionPointer;
        _functionPointer = functionPointerThunk;
        _firstParameter = this;
    }
}

public abstract class MulticastDelegate : Delegate
{
}
