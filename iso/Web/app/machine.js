'use strict';
// A machine as the person sees it: screen, serial line, and where one types into both.

// Code page 437, as the PC's text mode draws it.
const codePage = ' ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼'
  + Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('') + '⌂'
  + 'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧'
  + '╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■ ';

// Scan codes of the keys that are not text: pressed and released.
const key = code => [code, code | 0x80], extended = code => [0xe0, code, 0xe0, code | 0x80];
const specialKeys = {
  Enter: key(0x1c), Backspace: key(0x0e), Escape: key(0x01), ArrowUp: extended(0x48), ArrowDown: extended(0x50),
  ArrowLeft: extended(0x4b), ArrowRight: extended(0x4d), Home: extended(0x47), End: extended(0x4f), PageUp: extended(0x49),
  PageDown: extended(0x51), Delete: extended(0x53),
};
const prompt = 'bootalloc> ';

class Machine {
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.title = root.querySelector('h3');
    this.state = root.querySelector('.state');
    this.screen = root.querySelector('.screen');
    this.serial = root.querySelector('.serial');
    this.input = root.querySelector('input');
    this.text = '';
    this.screen.addEventListener('keydown', e => this.typed(e));
    this.screen.addEventListener('paste', e => { this.send({ text: e.clipboardData.getData('text') }); e.preventDefault(); });
    root.querySelector('form').addEventListener('submit', e => {
      e.preventDefault();
      this.send({ line: this.input.value + '\r' });
      this.input.value = '';
    });
    root.querySelector('[data-do=break]').addEventListener('click', () => this.send({ line: '\x03' }));
    root.querySelector('[data-do=save]').addEventListener('click', () => this.save());
  }

  async start(option, memoryBytes, quick, commandLine) {
    const turn = this.stop();
    this.variant = option.value;
    this.text = '';
    this.began = performance.now();
    this.firstLine = this.prompted = undefined;
    this.title.textContent = this.variant;
    this.screen.textContent = this.serial.textContent = '';
    this.serial.setAttribute('aria-live', 'off');
    this.say('starting');
    const [module, code, firmware, vgaBios, iso, kernel] = await Promise.all([
      once('module', async () => WebAssembly.compile(await unpack('v86.wasm'))),
      once('worker', async () => scriptUrl(`${await unpackText('libv86.js')}\n${await unpackText('worker.js')}`)),
      once(quick ? 'start' : 'bios', () => unpack(quick ? 'start.bin' : 'bios.bin')),
      once('vgabios', () => unpack('vgabios.bin')), quick ? undefined : once('iso', wholeImage), quick ? kernelOf(this.variant) : undefined,
    ]);
    // Boot was pressed again meanwhile.
    if (turn !== this.turn) return;
    this.worker = new Worker(code);
    this.worker.onerror = e => this.say('stopped: ' + e.message);
    this.worker.onmessage = ({ data }) => this.receive(data);
    // As much of the menu's line as GRUB shows in any case.
    const title = `CosmosBootAlloc ${this.variant}: ${option.dataset.models}`.slice(0, 60);
    this.send({ start: { module, firmware, vgaBios, iso, kernel, title, memoryBytes, commandLine, quick } });
  }

  stop() {
    this.worker?.terminate();
    this.worker = undefined;
    return this.turn = {};
  }

  send(message) { this.worker?.postMessage(message); }

  say(state) { this.state.textContent = state; }

  receive(data) {
    if (data.fault) this.say('stopped: ' + data.fault);
    if (data.running) this.say('running');
    if (data.screen) this.screen.textContent = data.screen.map(row => Array.from(row, c => codePage[c]).join('').trimEnd()).join('\n');
    if (!data.serial) return;
    const text = Array.from(data.serial, byte => String.fromCharCode(byte)).join('').replaceAll('\r', '');
    const atEnd = this.serial.scrollTop + this.serial.clientHeight > this.serial.scrollHeight - 30;
    this.firstLine ??= performance.now() - this.began;
    this.text += text;
    this.serial.append(text);
    if (atEnd) this.serial.scrollTop = this.serial.scrollHeight;
    if (this.prompted === undefined && this.text.endsWith(prompt)) {
      this.prompted = performance.now() - this.began;
      this.say('at its prompt');
      // From here on what comes are answers, which a screen reader may read; the boot log would be too much.
      this.serial.setAttribute('aria-live', 'polite');
    }
    this.changed(text);
  }

  // Tab stays the browser's, so that one gets out of the screen again.
  typed(e) {
    const special = specialKeys[e.key];
    if (e.ctrlKey && e.key === 'c' && !getSelection().toString()) this.send({ codes: [0x1d, 0x2e, 0xae, 0x9d] });
    else if (e.ctrlKey || e.altKey || e.metaKey || e.key === 'Tab') return;
    else if (special) this.send({ codes: special });
    else if (e.key.length === 1) this.send({ text: e.key });
    else return;
    e.preventDefault();
  }

  save() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([this.text], { type: 'text/plain' }));
    link.download = `${this.variant}.log`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
}
