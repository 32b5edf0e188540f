// Draws dashboards to PNG with Grafana's own components, and says which queries
// failed or had no data. Exit code 1 when a query or a page failed.
//
//   draw [--prometheus URL] [--out DIR] [--from now-15m] [--width 1600] [--select target=replica]
//        [--height 900] FILE.json...
import * as esbuild from 'esbuild';
import { chromium } from 'playwright-core';
import fs from 'fs';
import http from 'http';
import path from 'path';
import { parseArgs } from 'util';

const here = import.meta.dirname;
const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    out: { type: 'string', default: '.' },
    from: { type: 'string', default: '' },
    width: { type: 'string', default: '1600' },
    // A choice at the top of the page, where it is not the first.
    select: { type: 'string', multiple: true, default: [] },
    // Only what is above this many pixels.
    height: { type: 'string' },
  },
});
if (!files.length) {
  console.error('draw: name at least one dashboard');
  process.exit(2);
}

const bundle = path.join(here, 'node_modules/.bundle');
const shim = path.join(here, 'src/react-router-v5.js');
await esbuild.build({
  entryPoints: [path.join(here, 'src/main.jsx')],
  outdir: bundle,
  bundle: true,
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'window' },
  loader: { '.svg': 'text', '.css': 'css', '.png': 'dataurl', '.ttf': 'empty', '.woff2': 'empty' },
  // Maps and the code editor are large, and no panel of ours has them.
  external: ['monaco-editor', 'monaco-editor/*', 'ol', 'ol/*'],
  plugins: [{
    name: 'router',
    setup: (build) => build.onResolve({ filter: /^react-router-dom$/ }, (from) =>
      from.importer.includes('react-router-dom-v5-compat') ? { path: shim } : undefined),
  }],
});

// Grafana measures text in its own font, which no package has: axes are cut where
// another is drawn than was measured.
const page = `<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/main.css">
<style>@font-face{font-family:Inter;src:local('Liberation Sans'),local('DejaVu Sans'),local('Arial')}body{margin:0;background:#111217;color:#ccccdc;font:14px Helvetica,Arial,sans-serif}</style>
<div id="root"></div><script>window.__grafana_public_path__="/public/"</script><script type="module" src="/main.js"></script>`;
const types = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/') return response.setHeader('content-type', 'text/html').end(page);
  if (url.pathname === '/dashboard') return response.end(fs.readFileSync(files[+url.searchParams.get('file')]));
  const icons = url.pathname.indexOf('/img/icons/');
  const file = icons >= 0
    ? path.join(here, 'node_modules/@grafana/ui/dist/public', url.pathname.slice(icons))
    : path.join(bundle, path.normalize(url.pathname));
  fs.readFile(file, (error, body) => {
    if (error) return response.writeHead(404).end();
    response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream').end(body);
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
fs.mkdirSync(options.out, { recursive: true });
let failed = false;
for (const [index, file] of files.entries()) {
  const dashboard = JSON.parse(fs.readFileSync(file));
  const bottom = (panels) => Math.max(0, ...panels.map((panel) => panel.gridPos.y + panel.gridPos.h));
  const shut = dashboard.panels.filter((panel) => panel.collapsed);
  const lines = bottom(dashboard.panels) + shut.reduce((sum, row) => sum + bottom(row.panels) - row.gridPos.y, 0);
  const height = options.height ? +options.height : Math.min(16000, 150 + lines * 38);
  const tab = await browser.newPage({ viewport: { width: +options.width, height } });
  const errors = [];
  tab.on('pageerror', (error) => errors.push(error.message.slice(0, 200)));
  const query = new URLSearchParams({ file: String(index), prometheus: options.prometheus, from: options.from });
  options.select.forEach((choice) => query.append('select', choice));
  await tab.goto(`http://127.0.0.1:${server.address().port}/?${query}`);
  // Nothing asked, or nothing answered, for a second and a half: then it is drawn.
  await tab.waitForFunction(() => window.idleSince && Date.now() - window.idleSince > 1500, null, { timeout: 60000 });
  const out = path.join(options.out, `${dashboard.uid}.png`);
  await tab.screenshot({ path: out });
  const queries = await tab.evaluate(() => window.queries);
  const bad = queries.filter((query) => query.error);
  const empty = queries.filter((query) => query.series === 0);
  console.log(`${dashboard.uid}: ${queries.length} queries, ${bad.length} failed, ${empty.length} without data -> ${out}`);
  for (const query of bad) console.log(`  failed:  ${query.expr}\n           ${query.error}`);
  for (const query of empty) console.log(`  no data: ${query.expr}`);
  for (const error of errors) console.log(`  page:    ${error}`);
  failed ||= bad.length > 0 || errors.length > 0;
  await tab.close();
}
await browser.close();
server.close();
process.exit(failed ? 1 : 0);
