// The chain stage by stage: buttons and arrow keys choose a place; boxes, strips, and words follow. Shown first is where most is held.
window.bootallocWalk = root => {
  const all = q => [...root.querySelectorAll(q)];
  const last = 4;
  let at = root.dataset.at === undefined ? 2 : +root.dataset.at;
  const go = to => {
    at = Math.min(last, Math.max(0, to));
    root.dataset.at = at;
    for (const e of all('.stage[data-at], th[data-at]')) e.classList.toggle('now', +e.dataset.at <= at && at <= +(e.dataset.last ?? e.dataset.at));
    for (const e of all('[data-step]')) e.hidden = +e.dataset.step !== at;
    for (const svg of all('svg.strip')) {
      const held = [...svg.querySelectorAll('.held')];
      const here = r => +r.dataset.from <= at && at <= +r.dataset.to;
      for (const r of held) {
        const on = here(r);
        r.classList.toggle('on', on);
        r.classList.toggle('new', on && at > 0 && +r.dataset.from === at);
        r.classList.toggle('went', !on && +r.dataset.to === at - 1);
        r.classList.toggle('moved', on && +r.dataset.from === at && held.some(o => o !== r && o.dataset.o === r.dataset.o && +o.dataset.to === at - 1));
      }
    }
    for (const b of all('button[data-by]')) b.disabled = b.dataset.by < 0 ? at === 0 : at === last;
  };
  const keys = { ArrowRight: () => at + 1, ArrowDown: () => at + 1, ArrowLeft: () => at - 1, ArrowUp: () => at - 1, Home: () => 0, End: () => last };
  root.addEventListener('keydown', e => { if (keys[e.key] && !e.ctrlKey && !e.altKey && !e.metaKey) { go(keys[e.key]()); e.preventDefault(); } });
  for (const b of all('button[data-by]')) b.addEventListener('click', () => { go(at + +b.dataset.by); if (b.disabled) root.focus(); });
  // Nothing moves until someone asks for it.
  root.classList.add('still');
  go(at);
  requestAnimationFrame(() => requestAnimationFrame(() => root.classList.remove('still')));
};
document.querySelectorAll('[data-walk]').forEach(window.bootallocWalk);
