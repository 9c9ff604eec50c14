; The first instructions of the kernel, for the nativeaot toolchain.
;
; A boot loader (GRUB, QEMU's -kernel, any other that speaks multiboot) finds one of the two headers below, copies the
; image to 1 MiB, and jumps to _start in 32-bit protected mode: paging off, interrupts off, no stack, eax = which protocol,
; ebx = address of the boot information. From here to the first line of C# this file
;   1. sets a stack and opens COM1,
;   2. checks that the CPU is a 486 or later, says so in words if not, and finds out whether it has CPUID and a time-stamp counter,
;   3. loads its own segment table (the loader's lies in memory that will be given away),
;   4. calls kmain in NativeAot/Entry.cs.
; No instruction uses the floating point unit, and none is newer than a 486's (docs/lowering.md) but cpuid and rdtsc, where they are.
;
; Compiled C# calls with the first two arguments in ecx and edx, the others on the stack from left to right, the callee
; removes them; results are in eax, 64-bit ones in edx:eax.
bits 32

extern kmain, __ReadyToRunHeader, start_timer
extern ___text_start, ___text_end, ___data_end, ___image_end     ; kernel.ld

MULTIBOOT1_MAGIC  equ 0x1badb002
MULTIBOOT1_FLAGS  equ 0x00000003          ; modules on page boundaries; memory map wanted
MULTIBOOT2_MAGIC  equ 0xe85250d6
STACK_BYTES       equ 64 * 1024
STACK_CANARY      equ 0x57ac4bad

section .mboot data align=8
multiboot1_header:
    dd MULTIBOOT1_MAGIC, MULTIBOOT1_FLAGS, -(MULTIBOOT1_MAGIC + MULTIBOOT1_FLAGS)
    align 8
multiboot2_header:
    dd MULTIBOOT2_MAGIC, 0, .end - multiboot2_header
    dd 0x100000000 - (MULTIBOOT2_MAGIC + (.end - multiboot2_header))
    dw 4, 1                               ; console: text mode is what we draw on (optional tag)
    dd 12, 2
    align 8
    dw 6, 0                               ; boot modules on page boundaries
    dd 8
    dw 0, 0                               ; end of tags
    dd 8
.end:

section .text code align=16
global _start
_start:
    cli
    cld
    mov esp, stack_top
    mov [boot_magic], eax
    mov [boot_information], ebx
    mov dword [stack_bottom], STACK_CANARY
    call serial_open
    call check_cpu                        ; returns only if this CPU will do

    lgdt [gdt_pointer]
    jmp 0x08:.own_segments
.own_segments:
    mov ax, 0x10
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax

    mov ecx, [boot_magic]                 ; argument 1
    mov edx, [boot_information]           ; argument 2
    push dword __ReadyToRunHeader         ; argument 3, removed by the callee
    xor ebp, ebp
    xor ebx, ebx                          ; the loader's addresses would stay on the stack for ever, where a collector
    xor esi, esi                          ; takes them for references
    xor edi, edi
    call kmain
stop:
    cli
    hlt
    jmp stop

; ---------------------------------------------------------------------------------------------------------------------
; The CPU check. Everything here runs on an 80386.

FLAG_AC equ 1 << 18                       ; can be changed on a 486
FLAG_ID equ 1 << 21                       ; can be changed where CPUID is
FEATURE_TSC equ 1 << 4                    ; in edx of CPUID 1

check_cpu:
    mov ecx, FLAG_AC
    call can_change_flag
    jz .too_old
    mov ecx, FLAG_ID
    call can_change_flag
    jz .no_tsc
    xor eax, eax
    cpuid
    test eax, eax
    jz .no_tsc
    inc dword [cpu_has_cpuid]
    mov eax, 1
    cpuid
    test edx, FEATURE_TSC
    jz .no_tsc
    ret
.no_tsc:
    jmp start_timer                       ; cpu.asm
.too_old:
    mov esi, too_old
    call say
    mov dx, 0xf4                          ; a test machine's exit (QEMU isa-debug-exit): failed; nothing on a real PC
    mov eax, 0x11
    out dx, eax
    jmp stop

; ecx: a bit of the flags. Zero is set if it cannot be changed.
can_change_flag:
    pushfd
    pop edx
    mov eax, edx
    xor eax, ecx
    push eax
    popfd
    pushfd
    pop eax
    push edx
    popfd
    xor eax, edx
    test eax, ecx
    ret

; Prints NUL-terminated text at esi on COM1 and on the screen. Keeps ecx, edx.
say:
    lodsb
    test al, al
    jz .end
    call say_char
    jmp say
.end:
    ret

say_char:
    push edx
    push ecx
    push ebx
    mov bl, al
    mov ecx, [serial_patience]            ; a port that never gets ready must not stop us
    mov dx, 0x3fd
.wait:
    in al, dx
    test al, 0x20
    jnz .ready
    dec ecx
    jnz .wait
    mov dword [serial_patience], 1        ; and makes us wait once only
.ready:
    mov al, bl
    mov dx, 0x3f8
    out dx, al
    cmp al, 32
    jb .not_visible
    mov ecx, [screen_position]
    mov ah, 0x4f                          ; white on red
    mov [0xb8000 + ecx], ax
    add ecx, 2
    mov [screen_position], ecx
    jmp .end
.not_visible:
    cmp al, 10
    jne .end
    mov eax, [screen_position]            ; to the start of the next line
    xor edx, edx
    mov ecx, 160
    div ecx
    inc eax
    mul ecx
    mov [screen_position], eax
.end:
    pop ebx
    pop ecx
    pop edx
    ret

; COM1 at 115200 baud, 8 data bits, no parity, no interrupts. The FIFOs stay as they are: switching them on clears them, and what
; was received already is for the shell (Plugs/Boot/Devices/SerialPort.cs).
serial_open:
    mov esi, serial_settings
    mov ecx, (serial_settings_end - serial_settings) / 3
.next:
    lodsw
    mov dx, ax
    lodsb
    out dx, al
    loop .next
    ret

; Constants too: they would be the few bytes that take another page of read-only data.
section .data data align=4
serial_settings:
    %macro port 2
    dw %1
    db %2
    %endmacro
    port 0x3f9, 0x00                      ; interrupts off
    port 0x3fb, 0x80                      ; divisor latch
    port 0x3f8, 0x01                      ; divisor 1: 115200
    port 0x3f9, 0x00
    port 0x3fb, 0x03                      ; 8n1
    port 0x3fc, 0x0b                      ; DTR, RTS, interrupts to the PIC
serial_settings_end:

too_old: db 13, 10, "bootalloc: this CPU is too old: it is a 386. Needed is a 486 or later. System halted.", 13, 10, 0

    align 8
gdt:
    dq 0
    dq 0x00cf9a000000ffff                 ; 0x08: flat code
    dq 0x00cf92000000ffff                 ; 0x10: flat data
gdt_pointer:
    dw gdt_pointer - gdt - 1
    dd gdt

screen_position: dd 0
serial_patience: dd 100000                ; looks at the port before a character, each about a microsecond
boot_magic:       dd 0
boot_information: dd 0
global cpu_has_cpuid
cpu_has_cpuid:    dd 0

section .bss bss align=16
global stack_bottom, stack_top
stack_bottom: resb STACK_BYTES
stack_top:

; ---------------------------------------------------------------------------------------------------------------------
; Where the image lies, for Plugs/Boot/NativeAot/KernelImage.cs.
section .text
global asm_text_start, asm_text_end, asm_image_end, asm_stack_intact
asm_text_start:
    mov eax, ___text_start
    ret
asm_text_end:
    mov eax, ___text_end
    ret
asm_image_end:
    mov eax, ___image_end
    ret
asm_stack_intact:
    xor eax, eax
    cmp dword [stack_bottom], STACK_CANARY
    sete al
    ret
