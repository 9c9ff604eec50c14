'use strict';
// The project's own comparison, C# compiled to WebAssembly: loaded once, called with logs as text.

async function loadComparison() {
  if (document.readyState === 'loading') await new Promise(read => addEventListener('DOMContentLoaded', read));
  const kinds = { js: 'text/javascript', wasm: 'application/wasm', dll: 'application/octet-stream' };
  const urls = {};
  await Promise.all(JSON.parse(document.getElementById('comparison').textContent).map(async name => {
    urls[name] = URL.createObjectURL(new Blob([await unpack('dotnet/' + name)], { type: kinds[name.split('.').pop()] }));
  }));
  const { dotnet } = await import(urls['dotnet.js']);
  // Its files are blobs, not neighbors of its script: each gets its address before the runtime would work one out.
  const runtime = await dotnet.withModuleConfig({
    locateFile: name => name,
    onConfigLoaded: config => {
      for (const asset of Object.values(config.resources).filter(Array.isArray).flat()) asset.resolvedUrl = urls[asset.name];
    },
  }).create();
  return (await runtime.getAssemblyExports('comparison')).CosmosBootAlloc.WebComparison.Program;
}
