'use strict';
// The strips: one window [from, to) in axis units is shown by all of them. Everything else on the page stands without this script.
(() => {
  const $ = (q, e = document) => [...e.querySelectorAll(q)];
  const map = $('.map')[0], tip = document.getElementById('tip');
  const size = b => b >= 2 ** 30 ? +(b / 2 ** 30).toFixed(2) + ' GiB' : b >= 2 ** 20 ? +(b / 2 ** 20).toFixed(2) + ' MiB' : b >= 1024 ? +(b / 1024).toFixed(2) + ' KiB' : b + ' bytes';

  for (const box of $('input[data-only]')) {
    box.addEventListener('change', () => document.getElementById(box.dataset.only).classList.toggle('only', box.checked));
  }

  // What is under the pointer.
  const show = (rect, x, y) => {
    const [start, end] = rect.dataset.r.split('-').map(a => parseInt(a, 16));
    const pages = rect.dataset.p;
    tip.textContent = `${rect.dataset.o}: ${start.toString(16)} - ${end.toString(16)} (end exclusive), ${size(end - start)}${pages ? ', ' + (+pages).toLocaleString('en') + (pages === '1' ? ' page' : ' pages') : ''}`;
    tip.style.display = 'block';
    tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - tip.offsetWidth - 4)) + 'px';
    tip.style.top = (y + 18 + tip.offsetHeight > innerHeight ? y - tip.offsetHeight - 10 : y + 18) + 'px';
  };
  const look = e => { const r = e.target.closest && e.target.closest('rect[data-r]'); if (r) show(r, e.clientX, e.clientY); else tip.style.display = 'none'; };
  document.addEventListener('pointermove', look);
  document.addEventListener('pointerdown', look);
  if (!map) return;

  const even = JSON.parse(document.getElementById('axis').textContent);   // [address, x] at every border, x from 0 to 1000
  const last = even[even.length - 1][0];
  let at = even, from = 0, to = 1000;
  const straight = [[0, 0], [last, 1000]];
  const x = a => {
    let low = 0, high = at.length - 1;
    while (high - low > 1) { const mid = (low + high) >> 1; if (at[mid][0] <= a) low = mid; else high = mid; }
    const [a0, x0] = at[low], [a1, x1] = at[high];
    return a1 === a0 ? x0 : x0 + (a - a0) / (a1 - a0) * (x1 - x0);
  };
  const address = p => {
    let i = at.findIndex(b => b[1] >= p); if (i < 1) i = 1;
    const [a0, x0] = at[i - 1], [a1, x1] = at[i];
    return x1 === x0 ? a0 : a0 + (p - x0) / (x1 - x0) * (a1 - a0);
  };
  const strips = $('svg.strip', map), rulers = $('.ruler > div', map);

  const ruler = () => {
    const width = rulers[0].clientWidth, marks = [];
    // The most telling first; what comes later has to find room between them.
    const borders = [0, last, 2 ** 20, 2 ** 24, ...(at === straight ? [] : even.map(b => b[0])), ...Array.from({ length: 9 }, (_, i) => Math.round(address(from + (to - from) * i / 8)))];
    for (const a of borders) {
      const p = (x(a) - from) / (to - from) * width;
      if (a <= last && p >= -1 && p <= width + 1 && marks.every(m => Math.abs(m.p - p) > 84)) marks.push({ a, p });
    }
    marks.sort((m, n) => m.p - n.p);
    for (const r of rulers) r.replaceChildren(...marks.map(m => { const s = document.createElement('span'); s.textContent = size(m.a); s.style.left = m.p + 'px'; s.className = m.p < 40 ? 'l' : m.p > width - 40 ? 'r' : ''; return s; }));
  };
  const draw = () => {
    const least = at === even ? 2 : 1e-4, most = 1000;
    const wide = Math.min(most, Math.max(least, to - from));
    from = Math.min(Math.max(0, from), 1000 - wide); to = from + wide;
    for (const s of strips) s.setAttribute('viewBox', `${from} 0 ${to - from} 24`);
    ruler();
  };
  const zoom = (by, around) => { const c = around === undefined ? (from + to) / 2 : around; from = c - (c - from) * by; to = c + (to - c) * by; draw(); };
  const range = (a, b) => { from = x(a); to = x(Math.min(b, last)); draw(); };
  const scale = axis => {
    const [a, b] = [address(from), address(to)];
    at = axis;
    for (const r of $('rect[data-r]', map)) {
      const [s, e] = r.dataset.r.split('-').map(v => x(parseInt(v, 16)));
      r.setAttribute('x', s); r.setAttribute('width', e - s);
    }
    range(a, b);
  };

  const acts = {
    all: () => { from = 0; to = 1000; draw(); }, low: () => range(0, 2 ** 20), dma: () => range(0, 2 ** 24), more: () => zoom(.5), less: () => zoom(2),
    left: () => { const d = (to - from) / 4; from -= d; to -= d; draw(); }, right: () => { const d = (to - from) / 4; from += d; to += d; draw(); },
    true: b => { const on = at === even; scale(on ? straight : even); b.setAttribute('aria-pressed', on); },
  };
  for (const b of $('button[data-do]')) b.addEventListener('click', () => acts[b.dataset.do](b));
  const keys = { '+': 'more', '-': 'less', ArrowLeft: 'left', ArrowRight: 'right', Home: 'all' };
  map.addEventListener('keydown', e => { if (keys[e.key]) { acts[keys[e.key]](); e.preventDefault(); } });

  const place = e => { const b = strips[0].getBoundingClientRect(); return from + (e.clientX - b.left) / b.width * (to - from); };
  let grip = null;
  map.addEventListener('pointerdown', e => { if (e.target.closest('svg.strip')) grip = { x: e.clientX, from, to }; });
  addEventListener('pointermove', e => {
    if (!grip) return;
    const d = (grip.x - e.clientX) / strips[0].clientWidth * (grip.to - grip.from);
    from = grip.from + d; to = grip.to + d; draw();
  });
  addEventListener('pointerup', () => { grip = null; });
  addEventListener('pointercancel', () => { grip = null; });
  map.addEventListener('dblclick', e => { if (e.target.closest('svg.strip')) zoom(.4, place(e)); });
  map.addEventListener('wheel', e => { if (e.ctrlKey || e.metaKey) { e.preventDefault(); zoom(e.deltaY < 0 ? .8 : 1.25, place(e)); } }, { passive: false });
  addEventListener('resize', draw);
  draw();
})();
