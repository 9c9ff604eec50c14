#nullable enable

using System;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tests.Shared;

/// <summary>Programs that a test writes, and the ends of processes.</summary>
internal static class OwnProcesses
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    // Only keeps a process that never ends from stopping the tests.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Writes a program for /bin/sh.</summary>
    internal static void WriteProgram(string file, string body)
    {
        File.WriteAllText(file, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        MakeRunnable(file);
    }

    /// <summary>
    /// Puts a copy that another process writes in the place of a program that this one has written: what this process has open for writing,
    /// a child that another thread starts just then has open too, until it runs its own program, and meanwhile the file cannot be run
    /// ("Text file busy").
    /// </summary>
    internal static void MakeRunnable(string file)
    {
        using Process copying = Process.Start("/bin/sh", ["-c", "cp -p \"$0\" \"$0.copy\" && mv -f \"$0.copy\" \"$0\"", file]);
        copying.WaitForExit();
        if (copying.ExitCode != 0)
        {
            throw new IOException($"{file} cannot be copied");
        }
    }

    /// <summary>Deletes a folder in which a process that is just ending may still be at work.</summary>
    internal static void Delete(string folder)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (tries * s_look < s_limit)
            {
                Thread.Sleep(s_look);
            }
        }
    }

    /// <summary>Waits until something is the case.</summary>
    /// <returns>False if it is not after minutes.</returns>
    internal static async Task<bool> WaitAsync(Func<bool> happened)
    {
        for (int looks = 0; !happened(); looks++)
        {
            if (looks * s_look > s_limit)
            {
                return false;
            }

            await Task.Delay(s_look);
        }

        return true;
    }

    /// <summary>Waits until a process has ended. One that has not been waited for yet (state Z) has.</summary>
    /// <returns>False if it is still there after minutes.</returns>
    internal static Task<bool> WaitForEndAsync(int process) => WaitAsync(() => !IsAlive(process));

    private static bool IsAlive(int process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
