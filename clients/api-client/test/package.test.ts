// What is packed, how large it is, and that README's examples run as they stand there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { startBrowser } from './browser.js';
import { type CreatedKey, type Running, startServer } from './server.js';

const ROOT = resolve(import.meta.dirname, '../..');
const BUNDLE_MAX = 8 * 1024;

let server: Running;
let key: CreatedKey;
let folder: string;
let files: string[];

before(async () => {
  server = await startServer();
  key = server.createKey('viewer');
  folder = mkdtempSync(join(tmpdir(), 'owox-package-'));
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder])) as [
    { filename: string; files: { path: string }[] },
  ];
  files = packed.files.map(({ path }) => path);
  const home = join(folder, 'node_modules/@owox/api-client');
  mkdirSync(home, { recursive: true });
  run('tar', ['-xzf', join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!), '-C', home, '--strip-components=1']);
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

function run(command: string, args: string[]): string {
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

async function bundled(): Promise<string> {
  const made = await build({
    entryPoints: [join(ROOT, 'dist/index.js')],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return made.outputFiles[0]!.text;
}

test('the package holds the built files, their types and its papers, and nothing else', () => {
  const others = files.filter((path) => !/^dist\/[a-z]+\.(js|d\.ts)$/.test(path)).sort();

  assert.deepEqual(others, ['CHANGELOG.md', 'LICENSE', 'README.md', 'docs/api.md', 'package.json']);
  assert.ok(files.includes('dist/index.js') && files.includes('dist/index.d.ts'));
});

test('the whole client is at most 8 KB, minified and compressed', async () => {
  const size = gzipSync(await bundled(), { level: 9 }).length;

  assert.ok(size <= BUNDLE_MAX, `${size} bytes`);
});

test('publint and attw find nothing', () => {
  run('npx', ['--no-install', 'publint', '--strict']);
  run('npx', ['--no-install', 'attw', '--profile', 'esm-only', join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!)]);
});

test('the API reference is the one that the types make', () => {
  const made = join(folder, 'docs');

  run('npx', ['--no-install', 'typedoc', '--out', made]);

  assert.equal(readFileSync(join(made, 'api.md'), 'utf8'), readFileSync(join(ROOT, 'docs/api.md'), 'utf8'));
});

const EXAMPLES = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```js example\n(.*?)```/gs)].map(([, code]) => code!);

test('README has examples', () => {
  assert.equal(EXAMPLES.length, 4);
});

for (const [at, code] of EXAMPLES.entries()) {
  test(`README's example ${at + 1} runs as it stands there`, () => {
    const file = join(folder, `example-${at}.mjs`);
    writeFileSync(file, code);
    const parts = { OWOX_API_ORIGIN: server.origin, OWOX_API_KEY_ID: key.apiKeyId, OWOX_API_KEY_SECRET: key.apiKeySecret };
    const env = { ...process.env, ...parts, OWOX_API_KEY: key.apiKey };

    const shown = execFileSync(process.execPath, [file], { env, encoding: 'utf8' });

    assert.ok(at === 3 || shown.trim().split('\n').length > 1, shown);
  });
}

test('a page of the server lists data marts and streams rows', async (t) => {
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const script = await bundled();
  await page.route(`${server.origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>page</title>' }));
  await page.route(`${server.origin}/client.js`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.goto(`${server.origin}/page`);

  const seen = await page.evaluate(async (apiKey) => {
    const from = '/client.js';
    const { OWOXApiClient } = (await import(from)) as typeof import('../src/index.js');
    const client = new OWOXApiClient({ apiKey });
    const marts = await client.dataMarts.list();
    const orders = marts.find(({ title }) => title === 'Orders')!;
    let rows = 0;
    for await (const portion of (await client.dataMarts.traverseData(orders.id)).chunks()) rows += portion.length;
    return { marts: marts.length, rows };
  }, key.apiKey);

  assert.ok(seen.marts > 0 && seen.rows > 0);
});

test('a page of another origin is refused the secret', async (t) => {
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  const script = await bundled();
  await page.route('http://shop.example/**', (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({ contentType: 'text/html', body: '<title>shop</title>' }),
  );
  await page.goto('http://shop.example/');

  const said = await page.evaluate(async (apiKey) => {
    const from = '/client.js';
    const { OWOXApiClient } = (await import(from)) as typeof import('../src/index.js');
    try {
      new OWOXApiClient({ apiKey });
      return 'taken';
    } catch (error) {
      return String(error);
    }
  }, key.apiKey);

  assert.match(said, /^OWOXConfigError: This page comes from http:\/\/shop\.example, the API key belongs to http:\/\/127\.0\.0\.1/);
});
