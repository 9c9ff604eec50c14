'use strict';
// What is packed into the page: each element of type application/gzip holds the file that its id names, gzip and base64.

async function unpack(id) {
  // What stands at the page's end may still be on its way.
  if (!document.getElementById(id) && document.readyState === 'loading') {
    await new Promise(read => addEventListener('DOMContentLoaded', read));
  }
  const text = document.getElementById(id).textContent;
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), c => c.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}

const unpackText = async id => new TextDecoder().decode(await unpack(id));

// Unpacked once, for every machine that starts.
const shared = {};
const once = (name, make) => shared[name] ??= make();

// A file that the browser takes for a script of its own.
const scriptUrl = text => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));

// The kernel of a variant, compressed as in the image.
const kernelOf = variant => once('kernel/' + variant, () => unpack('kernel/' + variant));

// A file of an ISO 9660 image, by its path; throws when there is none.
function isoFile(iso, path) {
  const view = new DataView(iso.buffer, iso.byteOffset, iso.byteLength);
  const sector = 2048, volume = 16 * sector;
  let at = volume + 156;
  for (const name of path.split('/').filter(p => p)) {
    const start = view.getUint32(at + 2, true) * sector, end = start + view.getUint32(at + 10, true);
    let found = 0;
    for (let record = start; record < end && !found;) {
      const length = iso[record];
      if (length === 0) { record = (Math.floor(record / sector) + 1) * sector; continue; }
      const text = String.fromCharCode(...iso.subarray(record + 33, record + 33 + iso[record + 32]));
      if (text.split(';')[0].toLowerCase() === name.toLowerCase()) found = record;
      record += length;
    }
    if (!found) throw new Error(`the image has no ${path}`);
    at = found;
  }
  const begin = view.getUint32(at + 2, true) * sector;
  return iso.subarray(begin, begin + view.getUint32(at + 10, true));
}

// The image as it was built: in the page it has zeros where its kernels stand, which are in the page already.
async function wholeImage() {
  const iso = new Uint8Array(await unpack('bootalloc.iso'));
  for (const { value, dataset } of document.getElementById('left').options) {
    isoFile(iso, dataset.path).set(new Uint8Array(await kernelOf(value)));
  }
  return iso.buffer;
}
