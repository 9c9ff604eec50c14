using System.CommandLine;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary><c>bootalloc simulate</c>: a variant's chain on the host, over any memory map; prints the boot log.</summary>
public static class SimulateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<string> variant = new("--variant") { Description = "The variant whose chain runs.", HelpName = "variant", Required = true };
        Option<string> e820 = new("--e820") { Description = "The memory map.", HelpName = "file", Required = true };
        Option<string?> kernel = new("--kernel") { Description = "Bytes of the kernel image, half-open.", HelpName = "start-end" };
        Option<string?> module = new("--module") { Description = "Bytes of a boot module, half-open.", HelpName = "start-end" };
        Command command = new("simulate", "Runs a variant's chain on this machine over any memory map and prints the boot log.") { variant, e820, kernel, module };
        command.SetAction(parsed => Run(
            parsed.GetRequiredValue(variant), parsed.GetRequiredValue(e820), parsed.GetValue(kernel), parsed.GetValue(module)));
        return command;
    }

    /// <summary>Runs the simulation.</summary>
    public static int Run(string variant, string e820, string? kernel, string? module)
        => throw new BadInputException("simulate: this version has no chain to simulate yet");
}
