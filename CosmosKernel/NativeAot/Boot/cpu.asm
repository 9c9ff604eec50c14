; The instructions that C# cannot express, one function each, and the interrupt entry points.
; Called from Plugs/Boot/NativeAot/Cpu.cs and NativeAot/InterruptTable/Interrupts.cs: arguments in ecx, edx.
bits 32
section .text code align=16

global asm_out8, asm_out16, asm_out32, asm_in8
asm_out8:
    mov eax, edx
    mov edx, ecx
    out dx, al
    ret
asm_out16:
    mov eax, edx
    mov edx, ecx
    out dx, ax
    ret
asm_out32:
    mov eax, edx
    mov edx, ecx
    out dx, eax
    ret
asm_in8:
    mov edx, ecx
    xor eax, eax
    in al, dx
    ret

global asm_rdtsc, asm_halt, asm_enable_interrupts, asm_disable_interrupts, asm_wait_for_interrupt, asm_cpuid, asm_triple_fault
asm_rdtsc:
    rdtsc
    ret
asm_halt:
    hlt
    ret
asm_enable_interrupts:
    sti
    ret
asm_disable_interrupts:
    cli
    ret
asm_wait_for_interrupt:                   ; enables and halts with no window between the two, then disables again
    sti
    hlt
    cli
    ret
asm_cpuid:                                ; ecx: leaf, edx: where to store eax ebx ecx edx
    push ebx
    push edi
    mov edi, edx
    mov eax, ecx
    xor ecx, ecx
    cpuid
    mov [edi], eax
    mov [edi + 4], ebx
    mov [edi + 8], ecx
    mov [edi + 12], edx
    pop edi
    pop ebx
    ret
asm_triple_fault:                         ; the last way to restart a PC: an exception with no handler table
    lidt [empty_table]
    int3
    hlt

; Interrupts and exceptions. Each entry point leaves the same frame: an error code (0 where the CPU pushes none) and the
; vector; interrupt_common saves all registers and the SSE state and calls OnInterrupt(frame) in C#.
extern OnInterrupt
VECTORS equ 48                            ; 32 exceptions, 16 lines of the two PICs

%assign v 0
%rep VECTORS
entry_ %+ v:
%if v = 8 || (v >= 10 && v <= 14) || v = 17 || v = 21 || v = 29 || v = 30
%else
    push dword 0
%endif
    push dword v
    jmp interrupt_common
%assign v v+1
%endrep

interrupt_common:
    pushad
    cld
    mov ebp, esp
    mov ecx, esp                          ; the frame
    sub esp, 512
    and esp, -16
    fxsave [esp]
    mov ebx, esp
    call OnInterrupt
    fxrstor [ebx]
    mov esp, ebp
    popad
    add esp, 8                            ; vector, error code
    iretd

global asm_interrupt_entries, asm_load_interrupt_table
asm_interrupt_entries:
    mov eax, entries
    ret
asm_load_interrupt_table:
    lidt [ecx]
    ret

section .rdata rdata align=4
entries:
%assign v 0
%rep VECTORS
    dd entry_ %+ v
%assign v v+1
%endrep
empty_table:
    dw 0
    dd 0
