namespace IL2CPU.API.Attribs
{
    /// <summary>A class of plugs.</summary>
    [global::System.AttributeUsage(global::System.AttributeTargets.Class, AllowMultiple = true)]
    public sealed class Plug : global::System.Attribute
    {
        public global::System.Type Target { get; set; }
    }

    /// <summary>A plug with a body in assembler.</summary>
    [global::System.AttributeUsage(global::System.AttributeTargets.Method)]
    public sealed class PlugMethod : global::System.Attribute
    {
        public global::System.Type Assembler { get; set; }
    }
}

namespace XSharp.Assembler
{
    /// <summary>Where instructions go.</summary>
    public class Assembler
    {
    }

    /// <summary>Emits a method's instructions.</summary>
    public abstract class AssemblerMethod
    {
        public abstract void AssembleNew(Assembler aAssembler, object aMethodInfo);
    }

    /// <summary>An instruction.</summary>
    public abstract class Instruction
    {
    }

    /// <summary>A line as it is.</summary>
    public class LiteralAssemblerCode : Instruction
    {
        public LiteralAssemblerCode(string code)
        {
            Code = code;
        }

        public string Code { get; set; }
    }
}
