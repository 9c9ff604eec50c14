using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using CosmosBootAlloc.Tool.Errors;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Build.Lowering;

/// <summary>What lowering did to an image.</summary>
/// <param name="Replaced">Instructions that were newer than a 486.</param>
/// <param name="Thunks">The pieces of code that were moved into the room for them.</param>
/// <param name="ThunkBytes">Their size.</param>
/// <param name="Tables">Jump tables whose targets were kept.</param>
/// <param name="Moves">Where each instruction of a run went.</param>
public sealed record LoweringResult(int Replaced, int Thunks, int ThunkBytes, int Tables, IReadOnlyList<CodeMove> Moves);

/// <summary>An instruction that was moved into a thunk.</summary>
/// <param name="From">Its address before.</param>
/// <param name="FromEnd">The address after it before.</param>
/// <param name="To">Where what stands for it begins; equal to <paramref name="ToEnd"/> if nothing does.</param>
/// <param name="ToEnd">The address after that.</param>
/// <param name="IsHead">It was the first of its run: the jump to the thunk has its place.</param>
public readonly record struct CodeMove(uint From, uint FromEnd, uint To, uint ToEnd, bool IsHead);

/// <summary>
/// Replaces what a 486 lacks in the compiler's code. A run of instructions that is at least as long as a jump moves into a thunk, in
/// which the newer ones have their older form; a jump to the thunk takes its place. Nothing jumps into such a run: it ends before the
/// next target. docs/lowering.md has an example.
/// </summary>
public sealed class ImageLowering
{
    private const int JumpBytes = 5;
    private const byte JumpCode = 0xe9;

    // Never executed: what the jump leaves of the run.
    private const byte Filler = 0xcc;

    // lea esi,[esi+0]: three bytes that do nothing, also on a 386.
    private static readonly byte[] s_nothing = [0x8d, 0x76, 0x00];

    // A run goes on over so many instructions to the next one that must be replaced, or to the branch at its end: that saves two jumps.
    private const int Reach = 8;

    private readonly CodeImage _image;
    private readonly CodeLayout _layout;
    private readonly CompiledCode _code;
    private readonly OlderForms _forms;
    private readonly XmmValues _values;
    private readonly List<CodeMove> _moves = [];
    private uint _next;
    private int _replaced;
    private int _thunks;

    private ImageLowering(CodeImage image, CodeLayout layout)
    {
        _image = image;
        _layout = layout;
        _code = new CompiledCode(image, layout);
        _values = new XmmValues(_code);
        _forms = new OlderForms(_code, _values, layout.Registers);
        _next = layout.Room;
    }

    /// <summary>Lowers an image in place.</summary>
    /// <exception cref="FailedException">An instruction that is not understood or cannot be replaced; the message names it.</exception>
    public static LoweringResult Run(CodeImage image, CodeLayout layout)
    {
        ImageLowering lowering = new(image, layout);
        lowering.ReplaceAll();
        return new LoweringResult(
            lowering._replaced, lowering._thunks, (int)(lowering._next - layout.Room), lowering._code.Tables, lowering._moves);
    }

    private void ReplaceAll()
    {
        int free = 0;
        for (int i = 0; i < _code.Instructions.Count; i++)
        {
            if (MustGo(i))
            {
                (int first, int last) = Run(i, free);
                if (first == last && _forms.IsNothing(first))
                {
                    Instruction x = _code.Instructions[i];
                    s_nothing.CopyTo(_image.At(x.IP32, x.Length));
                    _replaced++;
                }
                else
                {
                    Move(first, last);
                }

                i = last;
                free = last + 1;
            }
        }
    }

    private bool MustGo(int index) => !Cpu486.Has(_code.Instructions[index]);

    private bool IsMovable(int index)
        => index < _code.Instructions.Count && !_code.IsTarget(index) && _code.Instructions[index].FlowControl == FlowControl.Next;

    private int LengthOf(int first, int last)
        => (int)(_code.Instructions[last].NextIP32 - _code.Instructions[first].IP32);

    // The run around an instruction that must go: forward to others that must go too, and to the branch behind them; what is still
    // missing to the length of a jump comes from what follows, then from what comes before.
    private (int First, int Last) Run(int index, int free)
    {
        (int first, int last) = (index, index);
        for (int next = Further(last); next > last; next = Further(last))
        {
            last = next;
        }

        if (_forms.IsNothing(first) && first == last && _code.Instructions[first].Length == s_nothing.Length)
        {
            return (first, last);
        }

        while (LengthOf(first, last) < JumpBytes && EndsNot(last) && IsMovable(last + 1))
        {
            last++;
        }

        while (LengthOf(first, last) < JumpBytes && first > free && !_code.IsTarget(first) && IsPlain(first - 1))
        {
            first--;
        }

        if (LengthOf(first, last) < JumpBytes && EndsNot(last) && last + 1 < _code.Instructions.Count && !_code.IsTarget(last + 1))
        {
            last++;
        }

        Instruction x = _code.Instructions[index];
        return LengthOf(first, last) >= JumpBytes
            ? (first, last)
            : throw new FailedException($"{x.IP32:x} {x}: newer than a 486, and there is no room for a jump at its place");
    }

    private bool EndsNot(int index) => _code.Instructions[index].FlowControl == FlowControl.Next;

    private bool IsPlain(int index) => EndsNot(index) && !MustGo(index);

    // The end of a longer run that saves jumps; the same end if there is none.
    private int Further(int last)
    {
        for (int i = last + 1; i <= last + Reach && EndsNot(i - 1) && i < _code.Instructions.Count && !_code.IsTarget(i); i++)
        {
            if (MustGo(i) || _code.Instructions[i].FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch)
            {
                return i;
            }

            if (_code.Instructions[i].FlowControl != FlowControl.Next)
            {
                return last;
            }
        }

        return last;
    }

    private void Move(int first, int last)
    {
        Instruction head = _code.Instructions[first];
        Instruction tail = _code.Instructions[last];
        Assembler asm = new(32);
        Label start = asm.CreateLabel();
        asm.Label(ref start);
        bool empty = true;
        int[] places = new int[last - first + 2];
        for (int i = first; i <= last; i++)
        {
            places[i - first] = asm.Instructions.Count;
            Instruction x = _code.Instructions[i];
            if (MustGo(i))
            {
                _replaced++;
                _forms.Write(asm, i);
            }
            else if (x.FlowControl == FlowControl.ConditionalBranch && x.NearBranch32 == head.IP32 && !empty)
            {
                // A loop: back to the thunk, not to the jump that leads to it.
                asm.AddInstruction(Instruction.CreateBranch(x.Code, start.Id));
            }
            else
            {
                asm.AddInstruction(x);
            }

            empty &= _forms.IsNothing(i);
        }

        places[^1] = asm.Instructions.Count;
        if (tail.FlowControl is not (FlowControl.UnconditionalBranch or FlowControl.Return or FlowControl.IndirectBranch))
        {
            asm.AddInstruction(Instruction.CreateBranch(Code.Jmp_rel32_32, tail.NextIP32));
        }

        byte[] thunk = Encode(asm, head, out uint[] offsets);
        for (int i = first; i <= last; i++)
        {
            Instruction x = _code.Instructions[i];
            uint to = _next + offsets[places[i - first]];
            uint end = i == last ? _next + (uint)thunk.Length : _next + offsets[places[i - first + 1]];
            _moves.Add(new CodeMove(x.IP32, x.NextIP32, to, end, i == first));
        }

        thunk.CopyTo(_image.At(_next, thunk.Length));
        Span<byte> place = _image.At(head.IP32, LengthOf(first, last));
        place.Fill(Filler);
        place[0] = JumpCode;
        BinaryPrimitives.WriteInt32LittleEndian(place[1..], (int)(_next - (head.IP32 + JumpBytes)));
        _next += (uint)thunk.Length;
        _thunks++;
    }

    // The thunk, and where each of its instructions begins in it, and its end.
    private byte[] Encode(Assembler asm, in Instruction head, out uint[] offsets)
    {
        using MemoryStream bytes = new();
        try
        {
            AssemblerResult result = asm.Assemble(
                new StreamCodeWriter(bytes), _next, BlockEncoderOptions.ReturnNewInstructionOffsets);
            offsets = [.. result.Result[0].NewInstructionOffsets, (uint)bytes.Length];
            for (int i = offsets.Length - 2; i >= 0; i--)
            {
                // No offset: the encoder made several instructions of it.
                offsets[i] = Math.Min(offsets[i], offsets[i + 1]);
            }
        }
        catch (InvalidOperationException fault)
        {
            throw new FailedException($"{head.IP32:x} {head}: the thunk for it cannot be encoded: {fault.Message}");
        }

        return bytes.Length <= _layout.RoomEnd - _next
            ? bytes.ToArray()
            : throw new FailedException(
                $"{head.IP32:x} {head}: no room for its thunk: {_layout.RoomEnd - _layout.Room} bytes are reserved; reserve more in "
                + "CosmosKernel/NativeAot/Boot/thunks.asm");
    }
}
