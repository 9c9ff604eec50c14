'use strict';
// Two machines, and their logs compared while they grow.
const $ = id => document.getElementById(id);
const machines = ['left', 'right'].map(id => new Machine($(`machine-${id}`), text => { if (/\n|> $/.test(text)) grow(); }));
let comparison, busy = false, again = false, shown = '';

const variants = () => machines.map(m => m.variant);
const recorded = () => Promise.all(variants().map(name => unpackText(`recorded/${name}`)));

// The logs to compare: what these machines have said, or what the tool recorded of the same variants.
async function logs() {
  if ($('recorded').checked) return { names: variants().map(name => `recorded-${name}.log`), texts: await recorded(), ticks: true };
  const spoken = machines.filter(m => m.text.includes('bootalloc: '));
  return { names: spoken.map(m => `${m.variant}.log`), texts: spoken.map(m => m.text), ticks: false };
}

// One at a time; what comes meanwhile is compared in the next.
async function grow() {
  if (busy) { again = true; return; }
  busy = true;
  try {
    if (!comparison) {
      $('compared').textContent = 'The comparison is being loaded.';
      comparison = await once('comparison', loadComparison);
    }
    do {
      again = false;
      await compare();
      await new Promise(next => setTimeout(next, 250));
    } while (again);
  } catch (error) {
    $('compared').textContent = 'The comparison failed: ' + (error.message || error);
    throw error;
  } finally {
    busy = false;
  }
}

async function compare() {
  const { names, texts, ticks } = await logs();
  const html = names.length ? comparison.Head(names, texts, ticks) : '';
  if (html === shown) return;
  shown = html;
  // The stage that the person looks at stays, and the keyboard with it.
  const before = $('compared').querySelector('[data-walk]'), focused = before?.contains(document.activeElement);
  $('compared').innerHTML = html;
  const walk = $('compared').querySelector('[data-walk]');
  if (walk) {
    if (before) walk.dataset.at = before.dataset.at;
    bootallocWalk(walk);
    if (focused) walk.focus();
  }
  $('ticks').textContent = ticks ? '' : comparison.Ticks(variants(), await recorded());
  if ($('whole').open) await report();
}

// The whole report, in a frame of its own: it is a page of its own.
async function report() {
  const { names, texts, ticks } = await logs();
  if (comparison && names.length) $('report').srcdoc = comparison.Report(names, texts, ticks);
}

async function boot() {
  const memory = +$('memory').value << 20, quick = $('how').value === 'quick';
  const wanted = ['left', 'right'].map(side => $(side).selectedOptions[0]);
  shown = $('compared').textContent = '';
  $('live').checked = true;
  await Promise.all(machines.map((machine, i) => machine.start(wanted[i], memory, quick, $('options').value)));
}

$('controls').addEventListener('submit', e => { e.preventDefault(); boot(); });
$('how').addEventListener('change', () => { $('options').disabled = $('how').value !== 'quick'; });
for (const choice of document.querySelectorAll('input[name=logs]')) choice.addEventListener('change', () => { shown = ''; grow(); });
$('whole').addEventListener('toggle', () => { if ($('whole').open) report(); });
$('licences').addEventListener('toggle', async () => {
  for (const element of $('licences').querySelectorAll('pre[data-text]')) element.textContent ||= await unpackText(element.dataset.text);
});
boot();
