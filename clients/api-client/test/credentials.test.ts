// Which values make a client, which are refused before anything is sent, and where the secret never shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { ApiKeyTransport, type ClientOptions, OWOXApiClient, OWOXConfigError } from '../src/index.js';

interface Case {
  name: string;
  value: string;
  parsed?: { apiOrigin: string; apiKeyId: string; apiKeySecret: string };
  error?: string;
}

const VECTORS = join(import.meta.dirname, '../../../../tests/vectors/combined-values.json');
const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { cases: Case[] };
const ID = 'pmk_AAAAAAAAAAAAAAAAAAAAAA';
const HOME = 'https://owox.example.com';
// Our clients are kinder with what comes along when a value is copied.
const KINDER = new Set(['trailing newline', 'leading space', 'quoted']);

function combined(parts: object): string {
  return `owox_key_${Buffer.from(JSON.stringify(parts)).toString('base64url')}`;
}

/** The last six digits of a secret of the server's own format. */
function withChecksum(body: string): string {
  const table = Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n >>> 0;
  });
  let crc = 0xffffffff;
  for (const byte of Buffer.from(body)) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let text = '';
  for (let rest = BigInt((crc ^ 0xffffffff) >>> 0); text.length < 6; rest /= 62n) text = digits[Number(rest % 62n)] + text;
  return body + text;
}

const SECRET = withChecksum(`owox_sec_${'7sK'.repeat(14)}x`);

for (const { name, value, parsed, error } of cases) {
  test(`a combined value is read as the reference reads it: ${name}`, () => {
    if (parsed) {
      const { apiOrigin, apiKeyId } = parsed;
      const transport = new ApiKeyTransport({ apiKey: value });
      assert.deepEqual({ apiOrigin: transport.origin, apiKeyId: transport.apiKeyId }, { apiOrigin, apiKeyId });
    } else if (KINDER.has(name)) {
      assert.ok(new ApiKeyTransport({ apiKey: value }));
    } else {
      assert.throws(() => new ApiKeyTransport({ apiKey: value }), { name: 'OWOXConfigError', message: error! });
    }
  });
}

test('three parts, one value, or both where they say the same, make the same client', () => {
  const parts = { apiOrigin: `${HOME}/`, apiKeyId: ID, apiKeySecret: SECRET };
  const apiKey = combined({ ...parts, apiOrigin: HOME });

  for (const options of [parts, { apiKey }, { ...parts, apiKey }, { apiKey, apiKeyId: ID }]) {
    const transport = new ApiKeyTransport(options);
    assert.equal(transport.origin, HOME);
    assert.equal(transport.apiKeyId, ID);
  }
});

const PARTS = { apiOrigin: HOME, apiKeyId: ID, apiKeySecret: SECRET };
const COMBINED = combined(PARTS);
const transport = { send: () => Promise.reject(new Error('unused')), authenticate: () => Promise.resolve() };
const REFUSED: [string, ClientOptions, RegExp][] = [
  ['nothing', {}, /Give apiKey, or apiOrigin, apiKeyId and apiKeySecret; missing: apiOrigin, apiKeyId, apiKeySecret$/],
  ['a part only', { apiOrigin: HOME, apiKeyId: ID }, /missing: apiKeySecret$/],
  ['an empty secret', { ...PARTS, apiKeySecret: ' ' }, /API Key Secret is missing/],
  ['an empty id', { ...PARTS, apiKeyId: '""' }, /apiKeyId is missing/],
  ['an id that no header takes', { ...PARTS, apiKeyId: 'pmk_\u00e9' }, /apiKeyId is missing or has characters/],
  ['an origin with a path', { ...PARTS, apiOrigin: `${HOME}/api` }, /OWOX API origin must be/],
  ['an origin with a query', { ...PARTS, apiOrigin: `${HOME}?` }, /OWOX API origin must be/],
  ['an origin with a password', { ...PARTS, apiOrigin: 'https://bob:pw@owox.example.com' }, /OWOX API origin must be/],
  ['an origin of another scheme', { ...PARTS, apiOrigin: 'ftp://owox.example.com' }, /OWOX API origin must be/],
  ['a secret that was cut', { ...PARTS, apiKeySecret: SECRET.slice(0, 41) }, /cut short: 41 of 58 characters/],
  ['a secret that is too long', { ...PARTS, apiKeySecret: `${SECRET}0` }, /too long: 59 of 58 characters/],
  ['a secret with a typo', { ...PARTS, apiKeySecret: SECRET.replace('7s', '8s') }, /mistyped: its checksum does not fit/],
  ['a cut secret inside a combined value', { apiKey: combined({ ...PARTS, apiKeySecret: SECRET.slice(0, 30) }) }, /cut short: 30 of 58/],
  ['two origins', { apiKey: COMBINED, apiOrigin: 'https://other.example.com' }, /apiKey and apiOrigin contradict/],
  ['two ids', { apiKey: COMBINED, apiKeyId: `${ID}B` }, /apiKey and apiKeyId contradict/],
  ['two secrets', { apiKey: COMBINED, apiKeySecret: 'another' }, /apiKey and apiKeySecret contradict/],
  ['two fetches', { ...PARTS, fetch: globalThis.fetch, fetchImpl: () => Promise.reject(new Error()) }, /fetch and fetchImpl contradict/],
  ['a transport and a key', { apiKey: COMBINED, transport }, /transport and an API key contradict/],
];

for (const [name, options, message] of REFUSED) {
  test(`credentials are refused before anything is sent, and not repeated: ${name}`, () => {
    const secrets = [options.apiKey, options.apiKeySecret?.trim()].filter((text) => text !== undefined && text.length > 8);

    assert.throws(
      () => new OWOXApiClient(options),
      (error: Error) => {
        assert.ok(error instanceof OWOXConfigError);
        assert.match(error.message, message);
        for (const secret of secrets) assert.ok(!inspect(error).includes(secret!), 'the error repeats the secret');
        return true;
      },
    );
  });
}

test('a secret of another server, of any form, is left for that server to judge', () => {
  assert.ok(new ApiKeyTransport({ ...PARTS, apiKeySecret: 'x' }));
  assert.ok(new ApiKeyTransport({ ...PARTS, apiKeySecret: "  'hunter2'\n" }));
});

test('no inspection, JSON, spread or enumeration of a client shows its secret', () => {
  const client = new OWOXApiClient(PARTS);
  const seen = [
    inspect(client, { depth: 9, showHidden: true }),
    inspect(new ApiKeyTransport(PARTS), { depth: 9, showHidden: true }),
    JSON.stringify(client),
    JSON.stringify({ ...client }),
    Reflect.ownKeys(client).map(String).join(),
  ];

  for (const text of seen) assert.ok(!text.includes(SECRET), text);
});

test('a page of another origin may hold a secret only when told so', (t) => {
  Object.defineProperty(globalThis, 'location', { value: { origin: 'https://shop.example.com' }, configurable: true });
  t.after(() => Reflect.deleteProperty(globalThis, 'location'));

  assert.throws(() => new OWOXApiClient(PARTS), /This page comes from https:\/\/shop\.example\.com, the API key belongs to/);
  assert.ok(new OWOXApiClient({ ...PARTS, allowCrossOrigin: true }));
  assert.ok(new OWOXApiClient({ ...PARTS, apiOrigin: 'https://shop.example.com' }));
});
