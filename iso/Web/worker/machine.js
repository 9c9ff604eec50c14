'use strict';
// One machine in its worker. In: start, text (keyboard), codes (scan codes), line (COM1). Out: running, serial, screen, fault.
const rows = 25, columns = 80;
const screen = Array.from({ length: rows }, () => new Uint8Array(columns));
let emulator, pending = [], changed = false;

function show() {
  if (pending.length) { postMessage({ serial: new Uint8Array(pending) }); pending = []; }
  if (changed) { changed = false; postMessage({ screen: screen.map(row => row.slice()) }); }
}

// Walks GRUB's menu to an entry as a person would: one key, and the next when the menu has followed, or after some seconds.
function chooseInMenu(title) {
  const patience = 20;
  let last = -1, waited = 0;
  const timer = setInterval(() => {
    const lines = screen.map(row => String.fromCharCode(...row));
    const chosen = lines.findIndex(line => /^..?\*/.test(line)), wanted = lines.findIndex(line => line.includes(title));
    if (!lines[1].includes('GNU GRUB') || chosen < 0 || (chosen === last && ++waited < patience)) return;
    last = chosen;
    waited = 0;
    if (chosen !== wanted) {
      const arrow = wanted < 0 || wanted > chosen ? 0x50 : 0x48;
      emulator.keyboard_send_scancodes([0xe0, arrow, 0xe0, arrow | 0x80]);
    } else {
      clearInterval(timer);
      emulator.keyboard_send_scancodes([0x1c, 0x9c]);
    }
  }, 250);
}

async function start({ module, firmware, vgaBios, iso, kernel, title, memoryBytes, commandLine, quick }) {
  emulator = new V86({
    wasm_fn: async imports => (await WebAssembly.instantiate(module, imports)).exports,
    memory_size: memoryBytes, vga_memory_size: 1 << 20, disable_speaker: true, fastboot: true,
    bios: { buffer: firmware }, vga_bios: { buffer: vgaBios }, cdrom: quick ? undefined : { buffer: iso },
  });
  emulator.add_listener('serial0-output-byte', byte => pending.push(byte));
  emulator.add_listener('screen-put-char', ([row, column, char]) => {
    if (row < rows && column < columns) { screen[row][column] = char; changed = true; }
  });
  await new Promise(ready => emulator.add_listener('emulator-ready', ready));
  if (quick) {
    const packed = new Blob([kernel]).stream().pipeThrough(new DecompressionStream('gzip'));
    loadKernel(emulator, new Uint8Array(await new Response(packed).arrayBuffer()), memoryBytes, commandLine);
  } else {
    chooseInMenu(title);
  }
  emulator.run();
  setInterval(show, 40);
  postMessage({ running: true });
}

onmessage = ({ data }) => {
  if (data.start) start(data.start).catch(error => postMessage({ fault: String(error.message || error) }));
  if (!emulator) return;
  if (data.text) emulator.keyboard_send_text(data.text);
  if (data.codes) emulator.keyboard_send_scancodes(data.codes);
  if (data.line !== undefined) emulator.serial0_send(data.line);
};
