using Cosmos.Core;
using Cosmos.System;
using CosmosBootAlloc.Boot.State;
using CosmosBootAlloc.Kernel.Shell;

namespace CosmosBootAlloc.Kernel.OnCosmos;

/// <summary>sysinfo [key]: what many Cosmos kernels show, through Cosmos's own calls; then waits for a key, Cosmos's way.</summary>
internal sealed unsafe class SysinfoCommand : Command
{
    internal override string Name => "sysinfo";

    internal override string Usage => "[key]";

    internal override string Summary => "CPU and RAM as Cosmos's own calls report them";

    internal override string Details =>
        "    sysinfo            leaves the interrupt flag as it was, and says so\n" +
        "    sysinfo key        waits for a key with Cosmos's ReadKey, which halts the CPU until an interrupt\n";

    internal override void Run(ref CommandInput input)
    {
        bool wait = input.Is(1, "key");
        if (input.Words > 1 && !wait)
        {
            KernelState.Console->Print("sysinfo: expected nothing or 'key'\n");
            return;
        }

        // A kernel's commands run with interrupts on; this shell's do not.
        Cpu.EnableInterrupts();
        string vendor = CPU.GetCPUVendorName();
        string brand = CPU.GetCPUBrandString();
        bool kept = Cpu.InterruptsEnabled();
        Cpu.DisableInterrupts();
        KernelState.Console->Text("cpu: ");
        KernelState.Console->Text(vendor);
        KernelState.Console->Text(", ");
        KernelState.Console->Text(brand);
        KernelState.Console->Print(
            "\nram: %d MB, %d kB of it used\n", (uint)GCImplementation.GetAvailableRAM(), GCImplementation.GetUsedRAM() >> 10);
        KernelState.Console->Print(kept ? "interrupts: still on\n" : "interrupts: went off\n");
        if (wait)
        {
            // With interrupts off: whoever waits is woken all the same.
            KernelState.Console->Print("sysinfo: press a key\n");
            KernelState.Console->Print("sysinfo: key %x\n", KeyboardManager.ReadKey().KeyChar);
            Cpu.DisableInterrupts();
        }
    }
}
