using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using CosmosBootAlloc.Tool.Errors;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>
/// The compiler's code, decoded: every instruction, every place that something may jump to, and from where. A place that only might be a
/// target counts as one: that costs a chance to move an instruction, the opposite would cost a wrong program.
/// </summary>
public sealed class CompiledCode
{
    // lea a,[table]; mov a,[a+4*n]; lea b,[base]; add a,b; jmp a: so far from the jump at most.
    private const int TableReach = 12;

    private readonly CodeImage _image;
    private readonly CodeLayout _layout;
    private readonly Dictionary<uint, int> _index = [];
    private readonly HashSet<uint> _targets = [];
    private readonly HashSet<uint> _functions;
    private readonly Dictionary<int, List<int>> _jumpsTo = [];

    /// <summary>Decodes the code.</summary>
    /// <exception cref="FailedException">Bytes that are no instruction, or a jump whose targets cannot be told.</exception>
    public CompiledCode(CodeImage image, CodeLayout layout)
    {
        _image = image;
        _layout = layout;
        _functions = [.. layout.Functions];
        Instructions = Decode(image, layout.Start, layout.End);
        for (int i = 0; i < Instructions.Count; i++)
        {
            _index[Instructions[i].IP32] = i;
        }

        FindTargets();
    }

    /// <summary>In the order of their addresses.</summary>
    public IReadOnlyList<Instruction> Instructions { get; }

    /// <summary>How many jump tables there are.</summary>
    public int Tables { get; private set; }

    /// <summary>Decodes an address range.</summary>
    /// <exception cref="FailedException">Bytes in it are no instruction.</exception>
    public static List<Instruction> Decode(CodeImage image, uint start, uint end)
    {
        byte[] bytes = image.At(start, (int)(end - start)).ToArray();
        Decoder decoder = Decoder.Create(32, new ByteArrayCodeReader(bytes));
        decoder.IP = start;
        List<Instruction> all = [];
        while (decoder.IP < end)
        {
            Instruction next = decoder.Decode();
            if (next.IsInvalid)
            {
                throw new FailedException($"{next.IP32:x}: the bytes there are no instruction");
            }

            all.Add(next);
        }

        return all;
    }

    /// <summary>True if something may jump to that instruction, or call it.</summary>
    public bool IsTarget(int index) => _targets.Contains(Instructions[index].IP32);

    /// <summary>The instructions after which a given one may be the next. None come before a function.</summary>
    public IEnumerable<int> Before(int index)
    {
        if (index > 0 && !_functions.Contains(Instructions[index].IP32) && GoesOn(Instructions[index - 1]))
        {
            yield return index - 1;
        }

        foreach (int from in _jumpsTo.GetValueOrDefault(index, []))
        {
            yield return from;
        }
    }

    private static bool GoesOn(in Instruction i)
        => i.FlowControl is FlowControl.Next or FlowControl.ConditionalBranch or FlowControl.Call or FlowControl.IndirectCall;

    private void FindTargets()
    {
        _targets.UnionWith(_layout.Functions);
        for (int i = 0; i < Instructions.Count; i++)
        {
            Instruction x = Instructions[i];
            if (x.Op0Kind == OpKind.NearBranch32)
            {
                _targets.Add(x.NearBranch32);
                if (x.FlowControl != FlowControl.Call)
                {
                    JumpsTo(i, x.NearBranch32);
                }
            }
            else if (x.FlowControl == FlowControl.IndirectBranch)
            {
                FollowTable(i);
            }

            // An address of code that the code itself names.
            for (int op = 0; op < x.OpCount; op++)
            {
                AddIfCode(x.GetOpKind(op) switch
                {
                    OpKind.Immediate32 => x.Immediate32,
                    OpKind.Memory => x.MemoryDisplacement32,
                    _ => 0,
                });
            }
        }

        foreach (CodeImage.Part part in _image.Segments)
        {
            ReadOnlySpan<byte> bytes = _image.At(part.Start, (int)(part.End - part.Start));
            for (int at = 0; bytes.Length - at >= sizeof(uint); at += sizeof(uint))
            {
                if (!_image.IsCode(part.Start + (uint)at))
                {
                    AddIfCode(BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]));
                }
            }
        }
    }

    private void AddIfCode(uint address)
    {
        if (_layout.Holds(address))
        {
            _targets.Add(address);
        }
    }

    private void JumpsTo(int from, uint to)
    {
        if (!_layout.Holds(to))
        {
            return;
        }

        if (!_index.TryGetValue(to, out int index))
        {
            throw new FailedException($"{Instructions[from].IP32:x} {Instructions[from]}: jumps into the middle of an instruction");
        }

        if (!_jumpsTo.TryGetValue(index, out List<int>? all))
        {
            _jumpsTo.Add(index, all = []);
        }

        all.Add(from);
    }

    // The entries of a table are distances from a base in the same function. Where the table ends is not written anywhere: it is read
    // until a word cannot be an entry, which finds every target and perhaps places that are none.
    private void FollowTable(int jump)
    {
        (uint table, uint from) = (0, 0);
        for (int i = jump - 1; i >= 0 && i >= jump - TableReach && (table == 0 || from == 0); i--)
        {
            Instruction x = Instructions[i];
            if (x.Mnemonic != Mnemonic.Lea || x.MemoryBase != Register.None || x.MemoryIndex != Register.None)
            {
                continue;
            }

            uint address = x.MemoryDisplacement32;
            (_layout.Holds(address) ? ref from : ref table) = address;
        }

        if (table == 0 || from == 0 || Instructions[jump].Op0Kind != OpKind.Register)
        {
            throw new FailedException($"{Instructions[jump].IP32:x} {Instructions[jump]}: expected a jump table before it, found none");
        }

        Tables++;
        (uint start, uint end) = FunctionAround(Instructions[jump].IP32);
        int entries = 0;
        for (; _image.HasWord(table); table += sizeof(uint), entries++)
        {
            uint to = unchecked(from + _image.Word(table));
            if (to < start || to >= end || !_index.ContainsKey(to))
            {
                break;
            }

            _targets.Add(to);
            JumpsTo(jump, to);
        }

        if (entries == 0)
        {
            throw new FailedException($"{Instructions[jump].IP32:x} {Instructions[jump]}: the jump table at {table:x} has no entry");
        }
    }

    private (uint Start, uint End) FunctionAround(uint address)
    {
        (uint start, uint end) = (_layout.Start, _layout.End);
        foreach (uint function in _layout.Functions)
        {
            if (function > address)
            {
                end = function;
                break;
            }

            start = function;
        }

        return (start, end);
    }
}
