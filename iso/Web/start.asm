; The firmware of the page's quick start: what stands at the reset vector when no BIOS is asked for. It runs the VGA BIOS, so that the
; screen is in text mode, writes the two words of the BIOS data area that a kernel reads, and jumps to the kernel that the page has put into
; memory (kernel.js), as a multiboot2 loader would. 4 KiB below 1 MiB.
bits 16
org 0xf000

Base      equ 0xf000
EntryAt   equ 0x500          ; the kernel's entry, 0 for none; written by the page
InfoAt    equ 0x504          ; the address of the boot information
LowKb     equ 639            ; RAM below the extended BIOS data area
EbdaAt    equ 0x9fc0         ; its segment: the last KiB below 640 KiB
VgaBios   equ 0xc000
Magic     equ 0x36d76289     ; eax at a multiboot2 kernel's entry

start:
    cli
    cld
    xor ax, ax
    mov ds, ax
    mov es, ax
    mov ss, ax
    mov sp, 0x7000

    ; Every interrupt goes nowhere; the VGA BIOS takes its own.
    xor di, di
    mov cx, 256
.vector:
    mov ax, nothing
    stosw
    mov ax, Base
    stosw
    loop .vector

    mov word [0x413], LowKb
    mov word [0x40e], EbdaAt
    push ds
    mov ax, EbdaAt
    mov ds, ax
    mov byte [0], 1          ; its size in KiB
    pop ds

    mov ax, VgaBios
    mov es, ax
    cmp word [es:0], 0xaa55
    jne .screen_done
    call VgaBios:3
    mov ax, 3                ; 80 x 25, text
    int 0x10
.screen_done:
    xor ax, ax
    mov ds, ax
    mov es, ax

    ; The keyboard sends keys only when it was told to.
    mov al, 0xf4
    out 0x60, al
    in al, 0x60              ; its answer

    ; The kernel is good for one start: what a reset finds in memory is no longer what the page put there.
    mov edi, [EntryAt]
    mov ebx, [InfoAt]
    mov dword [EntryAt], 0
    test edi, edi
    jz reset

    cli
    in al, 0x92
    or al, 2                 ; address line 20
    and al, 0xfe
    out 0x92, al
    lgdt [cs:gdt.pointer]
    mov eax, cr0
    or al, 1
    mov cr0, eax
    jmp dword 8:(Base * 16 + protected)

reset:
    mov si, message
    mov ah, 0x0e
    mov bx, 7
.next:
    mov al, [cs:si]
    inc si
    test al, al
    jz .stop
    int 0x10
    jmp .next
.stop:
    hlt
    jmp .stop

nothing:
    iret

bits 32
protected:
    mov ax, 16
    mov ds, ax
    mov es, ax
    mov fs, ax
    mov gs, ax
    mov ss, ax
    mov eax, Magic
    jmp edi

message: db 'The machine was reset. Press Boot in the page to start it again.', 0

align 8
gdt:
    dq 0
    dw 0xffff, 0, 0x9a00, 0xcf      ; 8: code
    dw 0xffff, 0, 0x9200, 0xcf      ; 16: data
.pointer:
    dw 23
    dd Base * 16 + gdt

times 0xfff0 - 0xf000 - ($ - $$) db 0
bits 16
    jmp Base:start
times 0x1000 - ($ - $$) db 0
