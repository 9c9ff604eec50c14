using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Loader;
using CosmosBootAlloc.Contract;
using IL2CPU.API.Attribs;
using Xunit;

namespace CosmosBootAlloc.CosmosTests;

/// <summary>Our declarations against the kit's real assemblies, and our plugs against the declarations.</summary>
public sealed class ContractTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance
        | BindingFlags.DeclaredOnly;

    public static IEnumerable<TheoryDataRow<string>> Types()
        => typeof(Simulation).Assembly.GetExportedTypes().Where(t
            => !t.Namespace!.StartsWith("CosmosBootAlloc", StringComparison.Ordinal)).Select(t => new TheoryDataRow<string>(t.FullName!));

    [Theory]
    [MemberData(nameof(Types))]
    public void ADeclarationIsAsInTheKit(string name)
    {
        string kit = FindKernelAssemblies();
        Assert.SkipWhen(kit == null, "the Cosmos gen2 kit is missing; './bootalloc check' says how to get it");
        Type ours = typeof(Simulation).Assembly.GetType(name);
        Type theirs = Directory.EnumerateFiles(kit, "*.dll").Select(f => Load(kit, f).GetType(name)).FirstOrDefault(t => t != null);

        Assert.True(theirs != null, $"{name}: not in the kit");
        Assert.Equal(Kind(ours), Kind(theirs));
        List<string> all = [.. Members(theirs)];
        foreach (string member in Members(ours))
        {
            Assert.Contains(member, all);
        }

        if (ours!.IsEnum)
        {
            Assert.Equal(Enum.GetUnderlyingType(ours), Enum.GetUnderlyingType(theirs!));
            foreach (string value in Enum.GetNames(ours))
            {
                Assert.Equal(Number(ours, value), Number(theirs, value));
            }
        }
    }

    [Fact]
    public void EveryPlugMatchesAndIsInTheListThatTheCompilerChecks()
    {
        string list = string.Concat(Directory.EnumerateFiles(AppContext.BaseDirectory, "*PlugSignatures.cs").Select(File.ReadAllText));
        Type[] plugs = [.. typeof(ContractTests).Assembly.GetTypes().Where(t => t.GetCustomAttribute<Plug>() != null)];
        Assert.True(plugs.Length >= 5);
        foreach (Type plug in plugs)
        {
            Type target = plug.GetCustomAttribute<Plug>()!.Target;
            List<string> there = [.. Members(target)];
            foreach (MethodInfo method in plug.GetMethods(Declared).Where(m => m.IsPublic))
            {
                Assert.Contains(Describe(method), there);
                bool ours = target.Namespace!.StartsWith("CosmosBootAlloc", StringComparison.Ordinal);
                bool listed = list.Contains($"&{plug.Name}.{method.Name};", StringComparison.Ordinal);
                Assert.True(ours || listed, $"{plug.Name}.{method.Name} is not in PlugSignatures.cs");
            }
        }
    }

    private static IEnumerable<string> Members(Type type)
    {
        foreach (MethodInfo method in type.GetMethods(Declared).Where(m => !m.IsPrivate && !m.Name.StartsWith('<')))
        {
            yield return Describe(method);
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(f => f.IsPublic && !type.IsEnum))
        {
            yield return $"{(field.IsStatic ? "static " : "")}{field.FieldType} {field.Name}";
        }
    }

    // As IL2CPU compares a plug with its target: what it returns, its name and what it takes.
    private static string Describe(MethodInfo method)
    {
        string kind = method.IsAbstract ? "abstract " : method.IsVirtual ? "virtual " : "";
        string parameters = string.Join(", ", method.GetParameters().Select(p => p.ParameterType.ToString()));
        return $"{(method.IsStatic ? "static " : "")}{kind}{method.ReturnType} {method.Name}({parameters})";
    }

    private static string Kind(Type type)
        => type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsAbstract
            && type.IsSealed ? "static class" : type.IsAbstract ? "abstract class" : "class";

    private static long Number(Type type, string value) => Convert.ToInt64(Enum.Parse(type, value));

    // As CosmosKit.props looks for the kit: by environment variable, by the file that names its folder, at the usual place.
    private static string FindKernelAssemblies()
    {
        const string Configuration = "/etc/CosmosUserKit.cfg";
        string kit = Environment.GetEnvironmentVariable("CosmosKit")
            ?? (File.Exists(Configuration) ? File.ReadAllText(Configuration).Trim() : "/opt/cosmos");
        string kernel = Path.Combine(kit, "Kernel");
        return Directory.Exists(kernel) ? kernel : null;
    }

    private static Assembly Load(string kit, string file)
    {
        lock (s_gate)
        {
            if (s_context == null)
            {
                s_context = new AssemblyLoadContext("kit");
                s_context.Resolving += (context, wanted) =>
                {
                    string beside = Path.Combine(kit, wanted.Name + ".dll");
                    return File.Exists(beside) ? context.LoadFromAssemblyPath(beside) : null;
                };
            }

            return s_context.LoadFromAssemblyPath(file);
        }
    }

    private static readonly object s_gate = new();
    private static AssemblyLoadContext s_context;
}
