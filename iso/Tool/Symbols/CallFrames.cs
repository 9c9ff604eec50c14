using System;
using System.Collections.Generic;
using CosmosBootAlloc.Tool.Build.Lowering;
using Iced.Intel;

namespace CosmosBootAlloc.Tool.Symbols;

/// <summary>Where a method's caller's registers are, from an address on.</summary>
/// <param name="Address">The address.</param>
/// <param name="Register">The register, by DWARF's number, from which the frame is counted: 4 esp, 5 ebp.</param>
/// <param name="Offset">The caller's stack pointer is so many bytes above it.</param>
/// <param name="Saved">Registers that were pushed, each with how many bytes below the caller's stack pointer.</param>
public sealed record FrameRow(uint Address, int Register, int Offset, IReadOnlyDictionary<int, int> Saved);

/// <summary>
/// Derives the frames of the compiler's methods from their code, for the compiler emits no frame data for this platform. Either a method
/// keeps EBP as its frame, or it leaves EBP alone and moves ESP by constants; callees remove their arguments.
/// </summary>
public sealed class CallFrames
{
    private const int Esp = 4;
    private const int Ebp = 5;
    private const int WordBytes = 4;

    private readonly CodeImage _image;
    private readonly Dictionary<uint, int> _popped = [];

    /// <summary>Takes the image before lowering, and its methods.</summary>
    public CallFrames(CodeImage image, IReadOnlyList<Method> methods)
    {
        _image = image;
        foreach (Method method in methods)
        {
            _popped[method.Start] = PoppedBy(method);
        }
    }

    /// <summary>The rows of a method, by address.</summary>
    /// <param name="method">The method.</param>
    /// <param name="isExact">False when ESP was not followed to a return.</param>
    public List<FrameRow> Of(Method method, out bool isExact)
    {
        Dictionary<int, int> saved = [];
        FrameRow start = new(method.Start, Esp, WordBytes, new Dictionary<int, int>());
        List<FrameRow> rows = [start];
        int depth = WordBytes;
        bool hasFrame = false;
        bool inProlog = true;
        int bodyDepth = depth;
        FrameRow body = start;
        isExact = true;
        foreach (Instruction x in Decode(method))
        {
            uint next = x.NextIP32;
            if (inProlog && x.Mnemonic == Mnemonic.Push && x.Op0Register is var pushed && Number(pushed) is int number)
            {
                depth += WordBytes;
                if (pushed is Register.EBX or Register.ESI or Register.EDI or Register.EBP && !saved.ContainsKey(number))
                {
                    saved[number] = depth;
                }
            }
            else if (inProlog && x.Mnemonic == Mnemonic.Mov && x.Op0Register == Register.EBP && x.Op1Register == Register.ESP)
            {
                hasFrame = true;
                rows.Add(new FrameRow(next, Ebp, depth, new Dictionary<int, int>(saved)));
                body = rows[^1];
                continue;
            }
            else if (x.FlowControl is FlowControl.Return || (x.FlowControl == FlowControl.UnconditionalBranch && !Holds(method, x)))
            {
                isExact &= hasFrame || depth == WordBytes || x.FlowControl != FlowControl.Return;
                depth = bodyDepth;
                rows.Add(body with { Address = next });
                continue;
            }
            else if (x.Mnemonic is Mnemonic.Leave || (x.Mnemonic == Mnemonic.Pop && x.Op0Register == Register.EBP && hasFrame))
            {
                rows.Add(start with { Address = next });
                continue;
            }
            else
            {
                bool sub = x.Mnemonic == Mnemonic.Sub && x.Op0Register == Register.ESP;
                inProlog &= sub;
                depth += Change(x);
            }

            if (inProlog)
            {
                bodyDepth = depth;
            }

            FrameRow row = hasFrame
                ? new FrameRow(next, Ebp, body.Offset, inProlog ? new Dictionary<int, int>(saved) : body.Saved)
                : new FrameRow(next, Esp, depth, inProlog ? new Dictionary<int, int>(saved) : body.Saved);
            body = inProlog || hasFrame ? row : body;
            if (row.Register != rows[^1].Register || row.Offset != rows[^1].Offset || row.Saved.Count != rows[^1].Saved.Count)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    // How much further down ESP is after an instruction.
    private int Change(in Instruction x) => x.Mnemonic switch
    {
        Mnemonic.Push => WordBytes,
        Mnemonic.Pop => -WordBytes,
        Mnemonic.Sub when x.Op0Register == Register.ESP => (int)x.GetImmediate(1),
        Mnemonic.Add when x.Op0Register == Register.ESP => -(int)x.GetImmediate(1),
        Mnemonic.Lea when x.Op0Register == Register.ESP && x.MemoryBase == Register.ESP => -(int)x.MemoryDisplacement32,
        Mnemonic.Call when x.IsCallNear && x.Op0Kind == OpKind.NearBranch32 => -_popped.GetValueOrDefault(x.NearBranch32),
        _ => 0,
    };

    private int PoppedBy(Method method)
    {
        foreach (Instruction x in Decode(method))
        {
            if (x.Mnemonic == Mnemonic.Ret)
            {
                return x.OpCount == 1 ? (int)x.GetImmediate(0) : 0;
            }
        }

        return 0;
    }

    private IEnumerable<Instruction> Decode(Method method)
    {
        byte[] code = _image.At(method.Start, (int)method.Length).ToArray();
        Decoder decoder = Decoder.Create(32, code, method.Start);
        while (decoder.IP < method.End)
        {
            Instruction x = decoder.Decode();
            if (x.IsInvalid)
            {
                // A jump table behind the code.
                yield break;
            }

            yield return x;
        }
    }

    private static bool Holds(Method method, in Instruction branch)
        => branch.Op0Kind == OpKind.NearBranch32 && branch.NearBranch32 >= method.Start && branch.NearBranch32 < method.End;

    private static int? Number(Register register) => register switch
    {
        Register.EAX => 0,
        Register.ECX => 1,
        Register.EDX => 2,
        Register.EBX => 3,
        Register.EBP => Ebp,
        Register.ESI => 6,
        Register.EDI => 7,
        _ => null,
    };
}
