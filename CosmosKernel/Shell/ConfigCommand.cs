using CosmosBootAlloc.Boot.Devices;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Memory.Log;

namespace CosmosBootAlloc.Kernel.Shell;

/// <summary>config: what this image is and how it was started.</summary>
internal sealed unsafe class ConfigCommand : Command
{
    internal override string Name => "config";

    internal override string Summary => "variant, chain, toolchain, loader, options";

    internal override void Run(ref CommandInput input)
    {
        KernelLog* console = KernelState.Console;
        Line(console, "variant      ", Variant.Name);
        Line(console, "chain        ", Variant.Stages);
        Line(console, "models       ", Variant.Models);
        Line(console, "toolchain    ", Toolchain.Name);
        Line(console, "version      ", Distribution.Version);
        console->Print("loader       %s\n", (uint)KernelState.Facts->LoaderName());
        console->Print("command line %s\n", (uint)KernelState.Facts->CommandLine());
        console->Print(
            "image        %08x - %08x, %d kB\n", KernelState.Facts->TextStart, KernelState.Facts->ImageEnd,
            (KernelState.Facts->ImageEnd - KernelState.Facts->TextStart) / 1024);
        if (Clock.TimerHz != 0)
        {
            console->Print("clock        pit, %d Hz\n", Clock.TimerHz);
        }
        else
        {
            console->Print("clock        tsc, %d ticks a microsecond\n", Clock.TicksPerMicrosecond);
        }
    }

    private static void Line(KernelLog* console, string label, string value)
    {
        console->Text(label);
        console->Text(value);
        console->Print("\n");
    }
}
