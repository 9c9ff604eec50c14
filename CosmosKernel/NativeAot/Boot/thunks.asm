; Room for the code that stands for instructions a 486 lacks, and memory that stands for their registers. The build fills the room after the
; link (iso/Tool/Build/Lowering, docs/lowering.md); the linker puts it behind the compiler's code.
bits 32

ROOM_BYTES equ 10240

section .managedcode$Z code align=16
    times ROOM_BYTES db 0xcc

section .bss bss align=16
global xmm_file
xmm_file: resb 8 * 16                     ; xmm0 to xmm7
