using System;
using System.CommandLine;
using CosmosBootAlloc.Simulator;
using CosmosBootAlloc.Tool.Build;
using CosmosBootAlloc.Tool.Project;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>Options that several commands have.</summary>
public static class SharedOptions
{
    /// <summary><c>--variant</c>.</summary>
    public static Option<string?> Variant(string description) => new("--variant") { Description = description, HelpName = "variant" };

    /// <summary><c>--toolchain</c>.</summary>
    public static Option<string> Toolchain()
    {
        Option<string> option = new("--toolchain")
        {
            Description = "How C# becomes a kernel: nativeaot (embedded) or cosmos (needs the Cosmos kit).",
            DefaultValueFactory = _ => "nativeaot",
        };
        return option.AcceptOnlyFromAmong("nativeaot", "cosmos");
    }

    /// <summary><c>--cosmos</c>: takes effect when it is read, for this program and what it starts.</summary>
    public static Option<string?> Cosmos()
    {
        Option<string?> option = new("--cosmos") { Description = "Folder of the Cosmos kit, instead of where it is looked for.", HelpName = "folder" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1)
            {
                Environment.SetEnvironmentVariable(CosmosKit.Variable, result.Tokens[0].Value);
            }
        });
        return option;
    }

    /// <summary>The toolchain of that name, if this machine and work tree have it.</summary>
    /// <exception cref="MissingToolException">The Cosmos kit is not installed, or not all of it.</exception>
    /// <exception cref="BadInputException">There is none of that name.</exception>
    public static Toolchain ReadToolchain(string name)
    {
        if (!Enum.TryParse(name, ignoreCase: true, out Toolchain toolchain))
        {
            throw new BadInputException($"toolchain: expected nativeaot or cosmos, found '{name}'");
        }

        if (toolchain == Project.Toolchain.Cosmos)
        {
            CosmosKit.Get();
        }

        return toolchain;
    }
}
