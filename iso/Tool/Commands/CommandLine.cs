using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>The command line: one class a command, and here what they share: how an end becomes an exit status.</summary>
public static class CommandLine
{
    /// <summary>Every command.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new("CosmosBootAlloc: builds every variant of the kernel, boots each in QEMU, compares the boot logs.");
        root.SetAction((_, cancel) => MainCommand.RunAsync(new Workplace(), cancel));
        root.Add(TestCommand.Create());
        root.Add(BuildCommand.Create());
        root.Add(RunCommand.Create());
        root.Add(SoakCommand.Create());
        root.Add(CompareCommand.Create());
        root.Add(MatrixCommand.Create());
        root.Add(ScenarioCommand.Create());
        root.Add(SimulateCommand.Create());
        root.Add(ReplayCommand.Create());
        root.Add(CheckCommand.Create());
        return root;
    }

    /// <summary>Runs it.</summary>
    /// <returns>One of <see cref="ExitStatus"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            ParseResult parsed = Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count != 0)
            {
                return Fail(string.Join("; ", parsed.Errors.Select(e => e.Message).Distinct()), ExitStatus.WrongUse);
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (ToolException error)
        {
            return Fail(error.Message, error.ExitStatus);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", ExitStatus.Interrupted);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Fail(error.Message, ExitStatus.WrongUse);
        }
        catch (Exception error)
        {
            return Fail($"a fault of this program: {error}", ExitStatus.Failed);
        }
    }

    private static int Fail(string message, int status)
    {
        Console.Out.Flush();
        string text = status == ExitStatus.WrongUse ? message.ReplaceLineEndings(" ") : message;
        Console.Error.WriteLine("bootalloc: " + text);
        return status;
    }
}
