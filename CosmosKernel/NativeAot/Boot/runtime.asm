; What compiled C# calls by name and what cannot be written in C#: reference stores, 64-bit shifts, multiplication and division,
; the first interface call through a dispatch cell. The names are the compiler's (pinned in Directory.Packages.props).
bits 32
extern ResolveInterface, OnUnwind, NewObject, NewArray, NewBox, CollectFromStack, stack_bottom, stack_top
section .text code align=16

; There is one thread and no unmanaged caller to come back to.
global RhpReversePInvoke, RhpReversePInvokeReturn
RhpReversePInvoke:
RhpReversePInvokeReturn:
    ret

; Large stack frames announce themselves here; the stack has no guard pages to touch.
global RhpStackProbe
RhpStackProbe:
    ret

; throw: nothing unwinds in this kernel, so it stops with words. ecx = the exception object.
global RhpThrowEx, RhpFallbackFailFast
RhpThrowEx:
    jmp OnUnwind
RhpFallbackFailFast:
    xor ecx, ecx
    jmp OnUnwind

; new: ecx = the type. C# also gets who asks, the return address.
global RhpNewFast, RhpNewFinalizable, RhpNewFastAlign8, RhpNewFastMisalign, RhNewObject
RhpNewFast:
RhpNewFinalizable:
RhpNewFastAlign8:
RhpNewFastMisalign:
RhNewObject:
    mov edx, [esp]
    jmp NewObject

; new T[n]: ecx = the type, edx = n. The copied return address is where C# returns to, the one below it becomes its third argument.
global RhpNewArrayFast, RhpNewPtrArrayFast, RhpNewArrayFastAlign8, RhNewArray, RhBox
RhpNewArrayFast:
RhpNewPtrArrayFast:
RhpNewArrayFastAlign8:
RhNewArray:
    push dword [esp]
    jmp NewArray

; Boxing: ecx = the type, edx = the value's address.
RhBox:
    push dword [esp]
    jmp NewBox

; Reference stores [edx] = register: a mark-sweep collector needs no barrier.
%macro assign_reference 2
global RhpAssignRef%2, RhpCheckedAssignRef%2
RhpAssignRef%2:
RhpCheckedAssignRef%2:
    mov [edx], %1
    ret
%endmacro
assign_reference eax, EAX
assign_reference ebx, EBX
assign_reference ecx, ECX
assign_reference esi, ESI
assign_reference edi, EDI
assign_reference ebp, EBP
global RhpByRefAssignRef
RhpByRefAssignRef:                        ; [edi] = [esi], both move on
    mov ecx, [esi]
    mov [edi], ecx
    add esi, 4
    add edi, 4
    ret

; The first call of an interface method: eax = dispatch cell, ecx = this. C# finds the method; the arguments stay.
global RhpInitialDynamicInterfaceDispatch
RhpInitialDynamicInterfaceDispatch:
    push ecx
    push edx
    mov ecx, [ecx]                        ; the object's method table
    mov edx, eax
    call ResolveInterface
    pop edx
    pop ecx
    jmp eax

; A collection: the registers that a call keeps go onto the stack, which is then scanned from there to its top.
; Before that, what earlier calls left below the stack pointer is wiped: the collector's own frames come to lie there, and a dead reference in a
; word that they do not write would keep its object.
DEAD_STACK_WORDS equ 2048
global asm_collect, asm_stack_top, asm_wipe_dead_stack
asm_collect:
    push ebx                              ; the callers' registers; the others are dead across a call
    push esi
    push edi
    push ebp
    call asm_wipe_dead_stack
    mov ecx, esp
    call CollectFromStack
    pop ebp
    pop edi
    pop esi
    pop ebx
    ret

; Zeroes the words below the caller's frame. Frames made later find no old references, nor numbers that look like some, in slots that they reserve and
; never write.
asm_wipe_dead_stack:
    push edi
    mov edi, esp
    sub edi, DEAD_STACK_WORDS * 4
    cmp edi, stack_bottom + 4             ; not the canary
    jae .wipe
    mov edi, stack_bottom + 4
.wipe:
    mov ecx, esp
    sub ecx, edi
    shr ecx, 2
    xor eax, eax
    rep stosd
    pop edi
    ret

asm_stack_top:
    mov eax, stack_top
    ret

; 64-bit shifts of edx:eax by cl (0..63).
global RhpLLsh, RhpLRsh, RhpLRsz
RhpLLsh:
    test cl, 32
    jnz .far
    shld edx, eax, cl
    shl eax, cl
    ret
.far:
    mov edx, eax
    xor eax, eax
    shl edx, cl
    ret
RhpLRsz:
    test cl, 32
    jnz .far
    shrd eax, edx, cl
    shr edx, cl
    ret
.far:
    mov eax, edx
    xor edx, edx
    shr eax, cl
    ret
RhpLRsh:
    test cl, 32
    jnz .far
    shrd eax, edx, cl
    sar edx, cl
    ret
.far:
    mov eax, edx
    sar edx, 31
    sar eax, cl
    ret

; 64-bit product; both operands are on the stack.
global RhpLMul
RhpLMul:
    mov eax, [esp + 4]
    mul dword [esp + 12]
    mov ecx, edx
    mov edx, [esp + 4]
    imul edx, [esp + 16]
    add ecx, edx
    mov edx, [esp + 8]
    imul edx, [esp + 12]
    add edx, ecx
    ret 16

; Unsigned 64-bit division: the dividend is pushed first (esp+12 here), then the divisor (esp+4). The divisor is not 0: the caller
; in CoreLib/Arithmetic.cs has checked.
global asm_divide_u64, asm_modulo_u64
asm_divide_u64:
    push ebx
    push esi
    push edi
    push ebp
    call divide
    jmp divide_end
asm_modulo_u64:
    push ebx
    push esi
    push edi
    push ebp
    call divide
    mov eax, esi
    mov edx, edi
divide_end:
    pop ebp
    pop edi
    pop esi
    pop ebx
    ret 16

; -> edx:eax quotient, edi:esi remainder. Divisor at esp+24, dividend at esp+32.
divide:
    mov ecx, [esp + 28]
    mov ebx, [esp + 24]
    test ecx, ecx
    jnz .wide
    mov eax, [esp + 36]                   ; a 32-bit divisor: two steps of schoolbook division
    xor edx, edx
    div ebx
    mov ecx, eax
    mov eax, [esp + 32]
    div ebx
    mov esi, edx
    xor edi, edi
    mov edx, ecx
    ret
.wide:                                    ; shift and subtract, one bit at a time
    mov eax, [esp + 32]
    mov edx, [esp + 36]
    xor esi, esi
    xor edi, edi
    mov ebp, 64
.step:
    add eax, eax
    adc edx, edx
    adc esi, esi
    adc edi, edi
    cmp edi, ecx
    jb .next
    ja .subtract
    cmp esi, ebx
    jb .next
.subtract:
    sub esi, ebx
    sbb edi, ecx
    inc eax
.next:
    dec ebp
    jnz .step
    ret

section .data data align=4
global ___security_cookie
___security_cookie: dd 0x5ec00c1e
