using System;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Threading;
using CosmosBootAlloc.Tests.Shared;
using CosmosBootAlloc.Tool.Build.Lowering;
using CosmosBootAlloc.Tool.Commands;
using CosmosBootAlloc.Tool.Needs;
using Iced.Intel;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace CosmosBootAlloc.Tool.Tests.Lowering;

/// <summary>
/// A 32-bit Linux program around one function, so that the host's CPU says what the function does. The program sets all registers,
/// flags, and an arena of memory with the stack in it, calls the function, and writes what all of them are then.
/// </summary>
internal sealed class NativeProgram
{
    // File and memory have the same distances.
    internal const uint Base = 0x10000000;
    internal const uint Driver = Base + 0x1000;
    internal const uint CodeStart = Base + 0x2000;
    internal const uint Room = Base + 0x4000;
    internal const uint RoomEnd = Base + 0x8000;
    internal const uint Xmm = Base + 0xa000;
    internal const uint Template = Base + 0xb000;
    internal const uint Result = Base + 0xc000;
    internal const uint Arena = Result + 64;
    internal const uint Table = Base + 0xd000;
    internal const uint End = Base + 0xe000;

    internal const int ArenaBytes = 512;
    private const int StackAt = 256;

    // The function's return address and what a form may write below the stack pointer.
    private const int FreeFrom = StackAt - 4 - 16;
    private const int FreeTo = StackAt - 4;

    private static readonly Lock s_gate = new();
    private static string[]? s_runner;

    private readonly byte[] _file = new byte[End - Base];
    private readonly int _codeBytes;

    /// <param name="function">Writes the function, at <see cref="CodeStart"/>.</param>
    /// <param name="registers">eax, ecx, edx, ebx, unused, ebp, esi, edi.</param>
    /// <param name="flags">Of the carry, parity, adjust, zero, sign and overflow flags.</param>
    internal NativeProgram(Action<Assembler> function, uint[] registers, uint flags)
    {
        Header();
        Span(Room, (int)(RoomEnd - Room)).Fill(0xcc);
        Span(Driver, (int)(Room - Driver)).Fill(0xcc);
        byte[] template = new byte[ArenaBytes];
        new Random(1).NextBytes(template);
        template.CopyTo(Span(Template, ArenaBytes));

        Assembler code = new(32);
        function(code);
        _codeBytes = Put(code, CodeStart);

        Assembler asm = new(32);
        asm.cld();
        asm.mov(esi, Template);
        asm.mov(edi, Arena);
        asm.mov(ecx, ArenaBytes / 4);
        asm.rep.movsd();
        asm.mov(esp, Arena + StackAt);
        asm.push(flags | 0x202);
        asm.popfd();
        asm.mov(eax, registers[0]);
        asm.mov(ecx, registers[1]);
        asm.mov(edx, registers[2]);
        asm.mov(ebx, registers[3]);
        asm.mov(ebp, registers[5]);
        asm.mov(esi, registers[6]);
        asm.mov(edi, registers[7]);
        asm.call(CodeStart);
        asm.mov(__dword_ptr[Result], eax);
        asm.mov(__dword_ptr[Result + 4], ecx);
        asm.mov(__dword_ptr[Result + 8], edx);
        asm.mov(__dword_ptr[Result + 12], ebx);
        asm.mov(__dword_ptr[Result + 16], esp);
        asm.mov(__dword_ptr[Result + 20], ebp);
        asm.mov(__dword_ptr[Result + 24], esi);
        asm.mov(__dword_ptr[Result + 28], edi);
        asm.mov(esp, Result + 36);
        asm.pushfd();
        asm.mov(eax, 4);
        asm.mov(ebx, 1);
        asm.mov(ecx, Result);
        asm.mov(edx, 64 + ArenaBytes);
        asm.@int(0x80);
        asm.mov(eax, 1);
        asm.xor(ebx, ebx);
        asm.@int(0x80);
        Put(asm, Driver);
    }

    internal CodeImage Image => new("test", _file);

    internal CodeLayout Layout => new(CodeStart, CodeStart + (uint)_codeBytes, Room, RoomEnd, Xmm, [CodeStart]);

    /// <summary>Puts words where the function may read them.</summary>
    internal void PutTable(params uint[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Span(Table + (uint)(4 * i), 4), words[i]);
        }
    }

    /// <summary>Runs it: the eight registers, the flags, and the arena.</summary>
    internal byte[] Run(string folder)
    {
        string file = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(file, _file);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string[] runner = Runner(file);
        if (runner.Length == 0)
        {
            OwnProcesses.MakeRunnable(file);
        }

        string[] command = [.. runner, file];
        using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        File.Delete(file);
        byte[] result = output.ToArray();
        if (process.ExitCode != 0 || result.Length != 64 + ArenaBytes)
        {
            throw new InvalidOperationException($"exit status {process.ExitCode}, {result.Length} bytes");
        }

        result.AsSpan(64 + FreeFrom, FreeTo + 4 - FreeFrom).Clear();
        return result;
    }

    private static string[] Runner(string program)
    {
        lock (s_gate)
        {
            return s_runner ??= FindRunner(program);
        }
    }

    // What runs a program for i386: nothing, or an emulator where the host's kernel does not.
    private static string[] FindRunner(string program)
    {
        OwnProcesses.MakeRunnable(program);
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return [];
        }
        catch (Win32Exception)
        {
            InstalledPrograms programs = InstalledPrograms.FromEnvironment(_ => { });
            if (programs.Find(TestCommand.I386.What) is not { } emulator)
            {
                Assert.Skip($"this host's kernel runs no programs for i386, and {TestCommand.I386.What} (package "
                    + $"{TestCommand.I386.Package}) is missing");
                throw;
            }

            return [emulator, "-cpu", "max"];
        }
    }

    private Span<byte> Span(uint address, int size) => _file.AsSpan((int)(address - Base), size);

    private int Put(Assembler asm, uint address)
    {
        using MemoryStream bytes = new();
        asm.Assemble(new StreamCodeWriter(bytes), address);
        bytes.ToArray().CopyTo(Span(address, (int)bytes.Length));
        return (int)bytes.Length;
    }

    private void Header()
    {
        uint[] words =
        [
            0x464c457f, 0x00010101, 0, 0, 0x00030002, 1, Driver, 52, 84, 0, 0x00200034, 0x00280001, 0x00000002,
            1, 0, Base, Base, (uint)_file.Length, (uint)_file.Length, 7, 0x1000,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 1, 6, Driver, Driver - Base, RoomEnd - Driver, 0, 0, 0, 0,
        ];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_file.AsSpan(4 * i), words[i]);
        }
    }
}
