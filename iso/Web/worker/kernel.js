'use strict';
// The page as boot loader: puts a kernel into the machine's memory as GRUB would, by the multiboot2 specification. start.asm jumps to it.

// What an ELF32 kernel wants in memory: its pieces, its entry, and the end of the last piece with what is zero in it.
function elfPieces(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getUint32(0, false) !== 0x7f454c46 || file[4] !== 1) throw new Error('the kernel is no 32-bit ELF file');
  const headers = view.getUint32(28, true), size = view.getUint16(42, true), count = view.getUint16(44, true);
  const pieces = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const at = headers + i * size;
    if (view.getUint32(at, true) !== 1) continue;
    const offset = view.getUint32(at + 4, true), address = view.getUint32(at + 12, true), bytes = view.getUint32(at + 16, true);
    pieces.push({ address, bytes: file.subarray(offset, offset + bytes) });
    end = Math.max(end, address + view.getUint32(at + 20, true));
  }
  return { pieces, entry: view.getUint32(24, true), end };
}

// The map that SeaBIOS reports for such a machine without ACPI tables: start, end, type (1 usable, 2 reserved).
function firmwareMap(memoryBytes) {
  return [[0, 0x9fc00, 1], [0x9fc00, 0xa0000, 2], [0xf0000, 0x100000, 2], [0x100000, memoryBytes, 1], [0xfffc0000, 0x100000000, 2]];
}

// Multiboot2 boot information: command line, loader's name, basic memory, map.
function bootInformation(commandLine, loader, map) {
  const out = new Uint8Array(4096), view = new DataView(out.buffer);
  let at = 8;
  const tag = (type, size, fill) => {
    view.setUint32(at, type, true); view.setUint32(at + 4, size, true); fill(at + 8);
    at = (at + size + 7) & ~7;
  };
  const text = (type, words) => {
    const bytes = new TextEncoder().encode(words + '\0');
    tag(type, 8 + bytes.length, a => out.set(bytes, a));
  };
  text(1, commandLine);
  text(2, loader);
  tag(4, 16, a => { view.setUint32(a, 639, true); view.setUint32(a + 4, (map.find(m => m[0] === 0x100000)[1] - 0x100000) / 1024, true); });
  tag(6, 16 + 24 * map.length, a => {
    view.setUint32(a, 24, true); view.setUint32(a + 4, 0, true);
    map.forEach(([start, end, type], i) => {
      view.setBigUint64(a + 8 + i * 24, BigInt(start), true); view.setBigUint64(a + 16 + i * 24, BigInt(end - start), true);
      view.setUint32(a + 24 + i * 24, type, true);
    });
  });
  tag(0, 8, () => {});
  view.setUint32(0, at, true);
  return out.subarray(0, at);
}

// Puts a kernel and its boot information into a machine that has not started. The information comes behind the kernel, where GRUB puts it.
function loadKernel(emulator, elf, memoryBytes, commandLine) {
  const { pieces, entry, end } = elfPieces(elf);
  for (const piece of pieces) emulator.write_memory(piece.bytes, piece.address);
  const information = (end + 7) & ~7;
  emulator.write_memory(bootInformation(commandLine, 'bootalloc.html', firmwareMap(memoryBytes)), information);
  emulator.write_memory(new Uint8Array(new Uint32Array([entry, information]).buffer), 0x500);
}
