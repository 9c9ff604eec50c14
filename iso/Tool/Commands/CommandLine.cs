using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Errors;
using CosmosBootAlloc.Tool.Terminal;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>The command line. Each command is a class of its own; what they share is here: how a failure becomes an exit status.</summary>
public static class CommandLine
{
    /// <summary>Every command.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new("Without a command: build every variant of the kernel, boot each in QEMU, compare the boot logs, write a "
            + "report.");
        Option<string> toolchain = SharedOptions.Toolchain();
        root.Add(toolchain);
        Option<bool> fresh = SharedOptions.Fresh();
        root.Add(SharedOptions.Cosmos());
        root.Add(fresh);
        root.SetAction((parsed, cancel)
            => MainCommand.RunAsync(new Workplace(), parsed.GetRequiredValue(toolchain), parsed.GetValue(fresh), cancel));
        root.Add(TestCommand.Create());
        root.Add(BuildCommand.Create());
        root.Add(PackCommand.Create());
        root.Add(RunCommand.Create());
        root.Add(DebugCommand.Create());
        root.Add(Addr2lineCommand.Create());
        root.Add(SoakCommand.Create());
        root.Add(WebCommand.Create());
        root.Add(WriteCommand.Create());
        root.Add(NetbootCommand.Create());
        root.Add(LogsCommand.Create());
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
        PlainWriter.Install();
        try
        {
            ParseResult parsed = Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count != 0)
            {
                return Fail(string.Join("; ", parsed.Errors.Select(e => e.Message).Distinct()), ExitStatus.WrongUse);
            }

            if (Misplaced(parsed) is { } option)
            {
                string command = parsed.CommandResult.Command.Name;
                return Fail($"{option}: expected it after the command, as in 'bootalloc {command} {option} ...'", ExitStatus.WrongUse);
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (ToolException error)
        {
            return Fail(error.Message, error.ExitStatus);
        }
        catch (BadInputException error)
        {
            return Fail(error.Message, ExitStatus.WrongUse);
        }
        catch (OperationCanceledException)
        {
            return Fail("interrupted", ExitStatus.Interrupted);
        }
        catch (Exception error) when (error is DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException)
        {
            return Fail(error.Message, ExitStatus.WrongUse);
        }
        catch (IOException error)
        {
            // Input that cannot be read is a BadInputException; this is a full disk or the like, and the message has the path.
            return Fail(error.Message, ExitStatus.Failed);
        }
        catch (Exception error)
        {
            return Fail($"a bug in this program: {error}", ExitStatus.Failed);
        }
    }

    // The main job's options are not a command's: before a command they would be accepted and ignored.
    private static string? Misplaced(ParseResult parsed)
        => parsed.CommandResult.Command == parsed.RootCommandResult.Command ? null
            : parsed.RootCommandResult.Children.OfType<OptionResult>().FirstOrDefault(o => !o.Implicit)?.Option.Name;

    private static int Fail(string message, int status)
    {
        Console.Out.Flush();
        string text = status == ExitStatus.WrongUse ? message.ReplaceLineEndings(" ") : message;
        Console.Error.WriteLine("bootalloc: " + text);
        return status;
    }
}
