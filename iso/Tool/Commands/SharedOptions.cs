using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using CosmosBootAlloc.Tool.Build;

namespace CosmosBootAlloc.Tool.Commands;

/// <summary>Options that several commands have.</summary>
public static class SharedOptions
{
    /// <summary><c>--variant</c>.</summary>
    public static Option<string?> Variant(string description) => new("--variant") { Description = description, HelpName = "variant" };

    /// <summary><c>--fresh</c>.</summary>
    public static Option<bool> Fresh() => new("--fresh") { Description = "Repeat every boot, including those kept from an earlier run." };

    /// <summary><c>--toolchain</c>.</summary>
    public static Option<string> Toolchain()
    {
        Option<string> option = new("--toolchain")
        {
            Description = $"How C# becomes a kernel: "
                + $"{string.Join(" or ", Build.Toolchain.All.Select(t => $"{t.Name} ({t.Description})"))}.",
            DefaultValueFactory = _ => Build.Toolchain.All[0].Name,
        };
        return option.AcceptOnlyFromAmong([.. Build.Toolchain.All.Select(t => t.Name)]);
    }

    /// <summary><c>--cosmos</c>: takes effect when it is parsed, for this program and its children.</summary>
    public static Option<string?> Cosmos()
    {
        Option<string?> option = new("--cosmos")
        {
            Description = "The Cosmos kit's folder, instead of the configured one.",
            HelpName = "folder",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1)
            {
                Environment.SetEnvironmentVariable(CosmosKit.Variable, result.Tokens[0].Value);
            }
        });
        return option;
    }

    /// <summary><c>--cosmos-sources</c>: takes effect when it is parsed, for this program and its children.</summary>
    public static Option<string?> CosmosSources()
    {
        Option<string?> option = new("--cosmos-sources")
        {
            Description = "Cosmos's repository; with it and the kit, Cosmos's own test kernels run on its heap and on ours.",
            HelpName = "folder",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1)
            {
                Environment.SetEnvironmentVariable(Build.CosmosSources.Variable, Path.GetFullPath(result.Tokens[0].Value));
            }
        });
        return option;
    }
}
