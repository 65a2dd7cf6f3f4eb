// One call against servers that misbehave: what goes out, what comes back, what the errors say.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';

import { type ClientOptions, OWOXApiClient, OWOXApiError, OWOXAuthError, OWOXConfigError } from '../src/index.js';
import { answer, type Asked, CONTEXT, EXCHANGE, type Piece, startFaulty, token } from './faulty.js';
import { freePort } from './server.js';

const SECRET = `a-secret-of-another-server-${process.pid}`;
const BODY = { apiKeyId: 'pmk_1', projectId: 'p', userId: 'u', authFlow: 'api_key', roles: ['viewer'], email: 'bob@example.com' };
const OK = answer(200, BODY);

async function against(t: TestContext, answers: Record<string, Piece[][]>, options: ClientOptions = {}) {
  const server = await startFaulty({ [EXCHANGE]: [[token()]], ...answers });
  t.after(server.close);
  const key = { apiOrigin: server.origin, apiKeyId: 'pmk_1', apiKeySecret: SECRET };
  return { client: new OWOXApiClient({ ...key, ...options }), asked: server.asked, origin: server.origin };
}

const exchanges = (asked: Asked[]) => asked.filter(({ path }) => path === EXCHANGE).length;

test('a call exchanges the key, then carries token and id', async (t) => {
  const { client, asked } = await against(t, { [CONTEXT]: [[OK]] }, { userAgent: 'tests/1' });

  const context = await client.auth.getContext();

  assert.deepEqual(context, {
    apiKeyId: 'pmk_1',
    authFlow: 'api_key',
    project: { id: 'p', title: null },
    member: { userId: 'u', email: 'bob@example.com', fullName: null, avatar: null, roles: ['viewer'] },
  });
  const [first, second] = asked;
  assert.equal(first!.line, `POST ${EXCHANGE} HTTP/1.1`);
  assert.deepEqual(JSON.parse(first!.body), { apiKeySecret: SECRET });
  assert.equal(second!.headers['x-owox-authorization'], 'bearer token-of-the-test');
  for (const { headers } of asked) {
    assert.equal(headers['x-owox-api-key-id'], 'pmk_1');
    assert.equal(headers['user-agent'], 'tests/1');
    assert.equal(headers.accept, 'application/json');
  }
});

test('concurrent first calls share one exchange, later ones the token', async (t) => {
  const { client, asked } = await against(t, { [CONTEXT]: [[OK]] });

  await Promise.all(Array.from({ length: 8 }, () => client.auth.getContext()));
  await client.auth.getContext();

  assert.equal(exchanges(asked), 1);
});

test('a refused token is exchanged once more and the call repeated, whatever its method', async (t) => {
  const refused = answer(401, { message: 'Authentication failed', statusCode: 401 });
  const { client, asked } = await against(t, {
    [EXCHANGE]: [[token('first-token')], [token('second-token')]],
    '/api/x': [[refused], [answer(200, { ok: true })]],
  });

  const body = await client.postJson('/api/x', { a: 1 });

  assert.deepEqual(body, { ok: true });
  assert.deepEqual(
    asked.filter(({ path }) => path === '/api/x').map(({ headers, body: sent }) => [headers['x-owox-authorization'], sent]),
    [['bearer first-token', '{"a":1}'], ['bearer second-token', '{"a":1}']],
  );
});

test('concurrent calls that are refused together exchange once', async (t) => {
  const refused = answer(401, { message: 'Authentication failed' });
  const { client, asked } = await against(t, { [CONTEXT]: [[refused], [refused], [refused], [OK]] });

  await Promise.all([client.auth.getContext(), client.auth.getContext(), client.auth.getContext()]);

  assert.equal(exchanges(asked), 2);
});

test('a second 401 is an error', async (t) => {
  const { client, asked } = await against(t, { [CONTEXT]: [[answer(401, { message: 'Authentication failed' })]] });

  await assert.rejects(client.auth.getContext(), (error) => error instanceof OWOXAuthError && error.status === 401);
  assert.equal(asked.filter(({ path }) => path === CONTEXT).length, 2);
});

for (const status of [403, 404, 409, 429, 500, 503]) {
  test(`nothing else is tried again: ${status}`, async (t) => {
    const { client, asked } = await against(t, { [CONTEXT]: [[answer(status, { message: 'No', error: 'Word' })]] });

    await assert.rejects(client.auth.getContext(), (error) => {
      assert.ok(error instanceof OWOXApiError && !(error instanceof OWOXAuthError));
      assert.equal(error.status, status);
      assert.equal(error.code, 'Word');
      assert.match(error.message, new RegExp(`^OWOX API request failed with ${status} Phrase: No`));
      return true;
    });
    assert.equal(asked.length, 2);
  });
}

for (const wait of ['-5', '', '9'.repeat(30), 'soon', 'Fri, 27 Nov 2026 15:00:00 GMT']) {
  test(`a Retry-After that nobody would wait for is not said: ${wait || 'empty'}`, async (t) => {
    const head = ['content-type: application/json', `retry-after: ${wait}`];
    const { client } = await against(t, { [EXCHANGE]: [[answer(429, { message: 'Too many' }, ...head)]] });

    await assert.rejects(client.authenticate(), (error) => {
      assert.ok(error instanceof OWOXAuthError);
      assert.equal(error.retryAfter, undefined);
      assert.match(error.message, /Too many$/);
      return true;
    });
  });
}

test('Retry-After is said and kept', async (t) => {
  const head = ['content-type: application/json', 'retry-after: 7'];
  const { client } = await against(t, { [EXCHANGE]: [[answer(429, { message: 'Too many' }, ...head)]] });

  await assert.rejects(client.authenticate(), (error) => {
    assert.ok(error instanceof OWOXAuthError);
    assert.equal(error.retryAfter, 7);
    assert.match(error.message, /Try again after 7 s\.$/);
    return true;
  });
});

test('a key that ended is said to have, and when', async (t) => {
  const at = '2026-11-25T10:15:00.000Z';
  const ended = answer(401, { message: 'Unauthorized', code: 'API_KEY_REVOKED', details: { at } });
  const { client } = await against(t, { [EXCHANGE]: [[ended]] });

  await assert.rejects(client.auth.getContext(), {
    name: 'OWOXAuthError',
    code: 'API_KEY_REVOKED',
    message: /This API key: revoked at 2026-11-25T10:15:00\.000Z\. See Project settings -> My API Keys\.$/,
  });
});

const SHAPES: [string, string][] = [
  ['another flow', answer(200, { ...BODY, authFlow: 'plugin' })],
  ['a list', answer(200, [BODY])],
  ['a number for a text', answer(200, { ...BODY, userId: 7 })],
  ['no JSON', answer(200, '<html>', 'content-type: application/json')],
  ['HTML', answer(200, '<html>sign in</html>', 'content-type: text/html')],
];
for (const [name, sent] of SHAPES) {
  test(`an answer of another shape is refused: ${name}`, async (t) => {
    const { client } = await against(t, { [CONTEXT]: [[sent]] });

    await assert.rejects(client.auth.getContext(), {
      name: 'OWOXApiError',
      message: /unexpected response shape|something other than JSON/,
    });
  });
}

test('an exchange without a token is an error of authentication', async (t) => {
  const { client } = await against(t, { [EXCHANGE]: [[answer(200, { accessToken: '' })]] });

  await assert.rejects(client.authenticate(), {
    name: 'OWOXAuthError',
    status: 200,
    message: 'OWOX authentication response did not include an access token',
  });
});

test('404 on the context is an error with its status', async (t) => {
  const { client } = await against(t, { [CONTEXT]: [[answer(404, { message: 'Cannot GET /api/auth/context' })]] });

  await assert.rejects(client.auth.getContext(), { status: 404 });
});

test('a redirect is not followed, and the secret goes nowhere', async (t) => {
  const elsewhere = await startFaulty({});
  t.after(elsewhere.close);
  const head = [`location: ${elsewhere.origin}/api/auth/api-keys/exchange`, 'content-type: text/html'];
  const { client } = await against(t, { [EXCHANGE]: [[answer(308, '', ...head)]] });

  await assert.rejects(client.authenticate(), { code: 'NETWORK_ERROR', message: /redirect, which is not followed/ });
  assert.deepEqual(elsewhere.asked, []);
});

test('a server that is not there is named', async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const client = new OWOXApiClient({ apiOrigin: origin, apiKeyId: 'pmk_1', apiKeySecret: SECRET });

  await assert.rejects(client.authenticate(), {
    code: 'NETWORK_ERROR',
    message: `Unable to reach OWOX Data Marts API at ${origin}. Check the API origin and network connectivity. (ECONNREFUSED)`,
  });
});

test('a server that is silent is given up after the time limit', async (t) => {
  const { client } = await against(t, { [CONTEXT]: [[new Promise(() => undefined)]] }, { timeoutMs: 300 });

  await assert.rejects(client.auth.getContext(), { code: 'NETWORK_ERROR', message: /nothing arrived for 300 ms/ });
});

test('a signal ends a call with its own reason, at the client and at the call', async (t) => {
  const never = { [CONTEXT]: [[new Promise<void>(() => undefined)]] };
  const control = new AbortController();
  const { client: whole, asked } = await against(t, never, { signal: control.signal });
  const { client: one } = await against(t, never);
  const reason = new Error('enough');

  const calls = [whole.auth.getContext(), one.auth.getContext({ signal: control.signal })];
  const ends = calls.map((call) => assert.rejects(call, reason));
  while (asked.length < 2) await new Promise((go) => setTimeout(go, 10));
  control.abort(reason);

  await Promise.all(ends);
});

test('what a server repeats of secret and token shows in no error', async (t) => {
  const { client } = await against(t, {
    [CONTEXT]: [[answer(400, { message: `bad ${SECRET}`, details: { token: 'token-of-the-test', secret: SECRET } })]],
  });

  await assert.rejects(client.auth.getContext(), (error) => {
    assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(SECRET));
    assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes('token-of-the-test'));
    return true;
  });
});

const PATHS = ['/x', 'https://evil.example/api/x', '/api/../x', '/api/%2e%2e/x', '/api/./x', '/api/a%2fb', '/api/a%5cb', '/api\\x',
  '/api/%zz', '/api/%ff', '/api/%25', `/api/${'x'.repeat(2048)}`, '/api/x#y', '/api/x y'];
for (const path of PATHS) {
  test(`an unsafe path is refused and nothing is sent: ${path.slice(0, 30)}`, async (t) => {
    const { client, asked } = await against(t, {});

    await assert.rejects(client.getJson(path), { name: 'OWOXConfigError' });
    assert.deepEqual(asked, []);
  });
}

test('ids go out as one escaped segment, or not at all', async (t) => {
  const { client, asked } = await against(t, {});

  for (const id of ['', ' ', '.', '..', 'a/b', 'a\\b', 'a%2fb', '\ud800']) {
    await assert.rejects(client.dataMarts.traverseData(id), { name: 'OWOXConfigError', message: 'Invalid OWOX Data Mart ID' });
    assert.throws(() => client.runs.forDataMart(id), OWOXConfigError);
  }
  assert.equal(asked.length, 0);

  await assert.rejects(client.dataMarts.traverseData('a b?c#\u00fc'), { status: 404, details: { dataMartId: 'a b?c#\u00fc', message: 'Not Found' } });
  assert.match(asked[asked.length - 1]!.line, /data-marts\/a%20b%3Fc%23%C3%BC\.ndjson/);
});

test('a key near its end is warned of once', async (t) => {
  const warnings: unknown[] = [];
  const head = ['content-type: application/json', 'x-owox-api-key-expires-at: 2026-12-01T00:00:00Z'];
  const { client } = await against(t, { [CONTEXT]: [[answer(200, BODY, ...head)]] }, { onWarning: (each) => warnings.push(each) });

  await client.auth.getContext();
  await client.auth.getContext();

  assert.deepEqual(warnings, [
    {
      code: 'API_KEY_EXPIRES_SOON',
      message: 'This API key ends at 2026-12-01T00:00:00Z. See Project settings -> My API Keys.',
      expiresAt: '2026-12-01T00:00:00Z',
    },
  ]);
});

test('pages are followed to the end, and a server that turns in circles is found', async (t) => {
  const page = (nextOffset: number | null) => [answer(200, { items: [], total: 3, nextOffset })];
  const { client, asked } = await against(t, { '/api/data-marts': [page(1), page(2), page(null), page(1), page(1)] });

  assert.deepEqual(await client.dataMarts.list({ ownerFilter: 'has_owners' }), []);
  assert.deepEqual(
    asked.slice(1).map(({ line }) => line.split(' ')[1]),
    ['ownerFilter=has_owners', 'offset=1&ownerFilter=has_owners', 'offset=2&ownerFilter=has_owners'].map((q) => `/api/data-marts?${q}`),
  );
  await assert.rejects(client.dataMarts.list(), { message: 'OWOX Data Marts API returned repeated nextOffset 1' });
});

test('options that no list takes are refused offline', async (t) => {
  const { client, asked } = await against(t, {});

  for (const options of [{ offset: -1 }, { offset: 1.5 }, { offset: NaN }, { ownerFilter: 'mine' as 'has_owners' }]) {
    await assert.rejects(client.dataMarts.list(options), { message: 'Invalid OWOX Data Mart list options' });
  }
  await assert.rejects(client.runs.forDataMart('m').start({ runType: 'NIGHTLY' as 'INCREMENTAL' }), OWOXConfigError);
  assert.deepEqual(asked, []);
});
