using System.Collections.Generic;
using CosmosBootAlloc.Tool.Errors;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>What a store of an xmm register stores.</summary>
public enum StoredValue
{
    /// <summary>Zero, whichever way it was reached.</summary>
    Zero,

    /// <summary>What the instruction before it loaded, and nothing else wants that.</summary>
    JustLoaded,

    /// <summary>Something that was kept since.</summary>
    Kept,
}

/// <summary>
/// Follows the values of the xmm registers through the compiler's code. It uses them in three ways: cleared by xorps, loaded from memory by
/// movups, stored to memory by movups. A called function may change them, and so no value lives across a function's start.
/// </summary>
public sealed class XmmValues
{
    private readonly CompiledCode _code;
    private readonly Dictionary<int, StoredValue> _stores = [];
    private readonly HashSet<int> _kept = [];
    private readonly HashSet<int> _paired = [];

    /// <summary>Follows every value of the code.</summary>
    /// <exception cref="FailedException">A store of something that no path puts there.</exception>
    public XmmValues(CompiledCode code)
    {
        _code = code;
        Dictionary<int, List<int>> usesOf = [];
        Dictionary<int, HashSet<int>> valuesOf = [];
        for (int i = 0; i < code.Instructions.Count; i++)
        {
            if (!IsStore(code.Instructions[i]))
            {
                continue;
            }

            valuesOf.Add(i, ValuesAt(i, code.Instructions[i].Op1Register));
            foreach (int value in valuesOf[i])
            {
                if (!usesOf.TryGetValue(value, out List<int>? uses))
                {
                    usesOf.Add(value, uses = []);
                }

                uses.Add(i);
            }
        }

        foreach ((int store, HashSet<int> values) in valuesOf)
        {
            bool zero = true;
            foreach (int value in values)
            {
                zero &= IsClear(code.Instructions[value]);
            }

            bool justLoaded = values.Count == 1 && values.Contains(store - 1) && IsLoad(code.Instructions[store - 1])
                && usesOf[store - 1].Count == 1 && !code.IsTarget(store);
            _stores.Add(store, zero ? StoredValue.Zero : justLoaded ? StoredValue.JustLoaded : StoredValue.Kept);
            if (!zero && !justLoaded)
            {
                _kept.UnionWith(values);
            }
            else if (justLoaded)
            {
                _paired.Add(store - 1);
            }
        }
    }

    /// <summary>xorps of a register with itself.</summary>
    public static bool IsClear(in Instruction i)
        => i.Code == Code.Xorps_xmm_xmmm128 && i.Op1Kind == OpKind.Register && i.Op0Register == i.Op1Register;

    /// <summary>movups from memory.</summary>
    public static bool IsLoad(in Instruction i) => i.Code == Code.Movups_xmm_xmmm128 && i.Op1Kind == OpKind.Memory;

    /// <summary>movups to memory.</summary>
    public static bool IsStore(in Instruction i) => i.Code == Code.Movups_xmmm128_xmm && i.Op0Kind == OpKind.Memory;

    /// <summary>What the store at that index stores.</summary>
    public StoredValue Stored(int index) => _stores[index];

    /// <summary>A later store needs what this instruction puts into its register.</summary>
    public bool IsKept(int index) => _kept.Contains(index);

    /// <summary>A load whose value only the store after it wants.</summary>
    public bool IsPaired(int index) => _paired.Contains(index);

    // The instructions that may have put the value there, by every way back.
    private HashSet<int> ValuesAt(int store, Register register)
    {
        HashSet<int> found = [];
        HashSet<int> seen = [];
        Stack<int> open = new();
        Push(store);
        while (open.TryPop(out int index))
        {
            Instruction x = _code.Instructions[index];
            if ((IsClear(x) || IsLoad(x)) && x.Op0Register == register)
            {
                found.Add(index);
            }
            else
            {
                Push(index);
            }
        }

        return found;

        void Push(int index)
        {
            bool any = false;
            foreach (int before in _code.Before(index))
            {
                any = true;
                if (seen.Add(before))
                {
                    open.Push(before);
                }
            }

            if (!any)
            {
                Instruction x = _code.Instructions[store];
                throw new FailedException($"{x.IP32:x} {x}: on a way from {_code.Instructions[index].IP32:x} nothing sets {register}");
            }
        }
    }
}
