; The instructions that C# cannot express, one function each, and the interrupt entry points.
; Called from Plugs/Boot/NativeAot/Cpu.cs and NativeAot/InterruptTable/Interrupts.cs: arguments in ecx, edx.
bits 32
section .text code align=16

global asm_out8, asm_out16, asm_out32, asm_in8, asm_in16
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
asm_in16:
    mov edx, ecx
    xor eax, eax
    in ax, dx
    ret

global asm_frame, asm_fault_address
asm_frame:                                ; the frame of who asks
    mov eax, ebp
    ret
asm_fault_address:
    mov eax, cr2
    ret

global asm_halt, asm_enable_interrupts, asm_disable_interrupts, asm_wait_for_interrupt, asm_cpuid, asm_triple_fault
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
    cmp dword [timer_hz], 0
    jne .lines
    sti
    hlt
    cli
    ret
.lines:                                   ; where the timer is the clock, it alone is never off: the other lines are opened instead
    cli
    mov al, DEVICE_LINES
    out PIC_MASK, al
    sti
    hlt
    mov al, TIMER_LINE
    out PIC_MASK, al
    ret
asm_cpuid:                                ; ecx: leaf, edx: where to store eax ebx ecx edx; four zeros without CPUID
    push ebx
    push edi
    mov edi, edx
    mov eax, ecx
    xor ecx, ecx
    cmp dword [cpu_has_cpuid], 0
    je .none
    cpuid
.store:
    mov [edi], eax
    mov [edi + 4], ebx
    mov [edi + 8], ecx
    mov [edi + 12], edx
    pop edi
    pop ebx
    ret
.none:
    xor eax, eax
    xor ebx, ebx
    xor edx, edx
    jmp .store
asm_triple_fault:                         ; the last way to restart a PC: an exception with no handler table
    lidt [empty_table]
    int3
    hlt

; The clock: the time-stamp counter, or, on a CPU without one, channel 0 of the PIT. Its interrupt is counted, and never off for long,
; so that no turn of the counter is lost; the count of this turn is read from the PIT.
extern cpu_has_cpuid
TIMER_HZ     equ 1193182
TIMER_TURN   equ 11932                    ; counts in one turn: 100 turns a second
TIMER_LINE   equ 0xfe                     ; masks of the first PIC: the timer only,
DEVICE_LINES equ 0xec                     ; timer, keyboard, COM1
PIC_COMMAND  equ 0x20
PIC_MASK     equ 0x21

global start_timer                        ; from boot.asm, on a CPU without a time-stamp counter
start_timer:
    mov dword [timer_hz], TIMER_HZ
    mov al, 0x34                          ; channel 0, both bytes, mode 2: counts from TIMER_TURN to 1, then again
    out 0x43, al
    mov al, TIMER_TURN & 0xff
    out 0x40, al
    mov al, TIMER_TURN >> 8
    out 0x40, al
    ret

global asm_timer_hz, asm_count_timer, asm_ticks
asm_timer_hz:                             ; 0 where the clock is the time-stamp counter
    mov eax, [timer_hz]
    ret
asm_count_timer:                          ; the interrupt table is loaded, all lines are masked
    mov al, TIMER_LINE
    out PIC_MASK, al
    sti
    ret

asm_ticks:
    cmp dword [timer_hz], 0
    jne .timer
    rdtsc
    ret
.timer:
    pushfd
    cli
    xor eax, eax                          ; latch channel 0
    out 0x43, al
    in al, 0x40
    movzx ecx, al
    in al, 0x40
    mov ch, al
    mov al, 0x0a                          ; the PIC's requests
    out PIC_COMMAND, al
    in al, PIC_COMMAND
    mov edx, [timer_turns]
    test al, 1
    jz .counted
    cmp ecx, TIMER_TURN / 2               ; a turn has ended and is not counted yet: was that before the latch?
    jb .counted
    inc edx
.counted:
    popfd
    mov eax, TIMER_TURN
    mul edx
    add eax, TIMER_TURN
    adc edx, 0
    sub eax, ecx
    sbb edx, 0
    ret

timer_entry:                              ; the only interrupt that no C# sees
    push eax
    inc dword [timer_turns]
    mov al, 0x20                          ; end of interrupt
    out PIC_COMMAND, al
    pop eax
    iretd

; Interrupts and exceptions. Each entry point leaves the same frame: an error code (0 where the CPU pushes none) and the
; vector; interrupt_common saves all registers and what stands for the xmm registers and calls OnInterrupt(frame) in C#.
extern OnInterrupt
VECTORS equ 48                            ; 32 exceptions, 16 lines of the two PICs
TIMER_VECTOR equ 32

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

extern xmm_file                           ; thunks.asm
XMM_FILE_WORDS equ 8 * 4

interrupt_common:
    pushad
    cld
    mov ebp, esp
    sub esp, XMM_FILE_WORDS * 4
    mov esi, xmm_file
    mov edi, esp
    mov ecx, XMM_FILE_WORDS
    rep movsd
    mov ecx, ebp                          ; the frame
    call OnInterrupt
    mov esi, esp
    mov edi, xmm_file
    mov ecx, XMM_FILE_WORDS
    rep movsd
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

section .data data align=4
entries:
%assign v 0
%rep VECTORS
%if v = TIMER_VECTOR
    dd timer_entry
%else
    dd entry_ %+ v
%endif
%assign v v+1
%endrep
empty_table:
    dw 0
    dd 0

    align 4
timer_hz:    dd 0
timer_turns: dd 0
