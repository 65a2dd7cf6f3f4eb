// Rows in each of their forms, whole and broken.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { type ClientOptions, OWOXApiClient, OWOXApiError, type Row } from '../src/index.js';
import { chunk, END, EXCHANGE, type Piece, ROWS, rowsHead, startFaulty, token } from './faulty.js';

async function open(t: TestContext, pieces: Piece[], options: ClientOptions = {}) {
  const server = await startFaulty({ [EXCHANGE]: [[token()]], [ROWS]: [pieces] });
  t.after(server.close);
  const client = new OWOXApiClient({ apiOrigin: server.origin, apiKeyId: 'pmk_1', apiKeySecret: 'x', ...options });
  return { stream: await client.dataMarts.traverseData('orders'), asked: server.asked };
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

const TWO = '{"a":1,"b":"\u2028é"}\n{"a":2,"b":null}\n';
const PARSED = [{ a: 1, b: '\u2028é' }, { a: 2, b: null }];

test('rows come one by one, in chunks, as a web stream and as bytes', async (t) => {
  const whole = [rowsHead(), chunk(TWO), END];
  const one = await open(t, whole);

  assert.equal(one.stream.runId, 'run-1');
  assert.deepEqual(await all(one.stream), PARSED);
  assert.deepEqual((await all((await open(t, whole)).stream.chunks())).flat(), PARSED);
  assert.deepEqual(await all((await open(t, whole)).stream.toReadableStream()), PARSED);
  assert.equal(Buffer.concat(await all((await open(t, whole)).stream.raw())).toString(), TWO);
  assert.equal(one.asked[1]!.headers.accept, 'application/x-ndjson');
  assert.equal(one.asked[1]!.headers['accept-encoding'], 'identity');
});

test('lines may be cut anywhere between portions, inside a character too', async (t) => {
  const bytes = Buffer.from(TWO);
  const pieces = Array.from(bytes, (_, at) => Buffer.concat([Buffer.from('1\r\n'), bytes.subarray(at, at + 1), Buffer.from('\r\n')]));

  assert.deepEqual(await all((await open(t, [rowsHead(), ...pieces, END])).stream), PARSED);
});

test('the last line may end without a line feed, empty lines and carriage returns do not count', async (t) => {
  const { stream } = await open(t, [rowsHead(), chunk('{"a":1}\r\n\n\r\n{"a":2}'), END]);

  assert.deepEqual(await all(stream), [{ a: 1 }, { a: 2 }]);
});

test('no rows are no error', async (t) => {
  assert.deepEqual(await all((await open(t, [rowsHead(), END])).stream), []);
});

const CUTS: [string, Piece[]][] = [
  ['after the head', [rowsHead()]],
  ['between rows', [rowsHead(), chunk(TWO)]],
  ['inside a chunk', [rowsHead(), 'ff\r\n{"a":1}\n']],
  ['before the last line end', [rowsHead(), chunk(TWO), '0\r\n']],
];
for (const [name, pieces] of CUTS) {
  for (const form of ['rows', 'chunks', 'raw', 'toReadableStream'] as const) {
    test(`a connection that is cut throws: ${name}, ${form}`, async (t) => {
      const { stream } = await open(t, pieces);

      await assert.rejects(all(stream[form]() as AsyncIterable<unknown>), {
        name: 'OWOXApiError',
        message: 'Failed to read OWOX Data Mart data stream',
        details: { dataMartId: 'orders', runId: 'run-1' },
      });
    });
  }
}

const BROKEN: [string, string, RegExp, number][] = [
  ['no JSON', '{"a":1}\noops\n', /^Malformed NDJSON line 2 in OWOX/, 2],
  ['an open object', '{"a":1\n{"a":2}\n', /^Malformed NDJSON line 1 in/, 1],
  ['two objects on a line', '{"a":1}\n{"a":2},{"a":3}\n', /^Malformed NDJSON line 2 in/, 2],
  ['one object on two lines', '{"a":1,\n"b":2}\n', /^Malformed NDJSON line 1 in/, 1],
  ['a list', '{"a":1}\n[]\n', /^NDJSON line 2 is not a JSON object/, 2],
  ['null', 'null\n', /^NDJSON line 1 is not a JSON object/, 1],
  ['bare NaN', '{"a":NaN}\n', /^Malformed NDJSON line 1 in/, 1],
];
for (const [name, text, message, lineNumber] of BROKEN) {
  test(`a broken line is found and shown: ${name}`, async (t) => {
    const { stream } = await open(t, [rowsHead(), chunk(text), END]);

    await assert.rejects(all(stream), (error) => {
      assert.ok(error instanceof OWOXApiError);
      assert.match(error.message, message);
      assert.equal((error.details as { lineNumber: number }).lineNumber, lineNumber);
      return true;
    });
  });
}

test('lines are counted over portions, and a long one is shown in part', async (t) => {
  const { stream } = await open(t, [rowsHead(), chunk(TWO), chunk('{"a":3}\n'), chunk(`x${'y'.repeat(500)}\n`), END]);

  await assert.rejects(all(stream), { details: { dataMartId: 'orders', runId: 'run-1', lineNumber: 4, linePreview: `x${'y'.repeat(199)}` } });
});

test('text that is not UTF-8 is refused', async (t) => {
  const { stream } = await open(t, [rowsHead(), '3\r\n', Buffer.from([0x22, 0xff, 0x22]), '\r\n', END]);

  await assert.rejects(all(stream), { message: 'OWOX Data Mart data stream is not UTF-8 text' });
});

for (const type of ['text/html', 'application/json', 'application/x-ndjsonx', '']) {
  test(`another media type is refused: ${type || 'none'}`, async (t) => {
    await assert.rejects(open(t, [rowsHead(type), chunk(TWO), END]), { message: /unexpected content type/ });
  });
}

for (const status of ['204 No Content', '206 Partial Content']) {
  test(`a part is not mistaken for the whole: ${status}`, async (t) => {
    await assert.rejects(open(t, [rowsHead().replace('200 OK', status), chunk(TWO), END]), {
      message: 'OWOX Data Mart data stream has an unexpected status',
      status: Number(status.slice(0, 3)),
    });
  });
}

test('a stream is read once', async (t) => {
  const { stream } = await open(t, [rowsHead(), chunk(TWO), END]);
  await all(stream);

  await assert.rejects(all(stream), { message: 'The rows of a stream can be read only once' });
});

test('leaving a loop and cancelling both close the connection, and a loop under way throws', async (t) => {
  const endless = [rowsHead(), chunk(TWO), new Promise<void>(() => undefined)];
  const left = await open(t, endless);
  for await (const row of left.stream) {
    assert.deepEqual(row, PARSED[0]);
    break;
  }
  const { stream } = await open(t, endless);
  const seen: Row[] = [];

  await assert.rejects(
    async () => {
      for await (const row of stream) {
        seen.push(row);
        if (seen.length === 2) setTimeout(() => void stream.cancel(), 50);
      }
    },
    { code: 'CANCELLED' },
  );
  assert.deepEqual(seen, PARSED);
});

test('a server that falls silent is given up, a reader that takes its time is not', async (t) => {
  const silent = await open(t, [rowsHead(), chunk(TWO), new Promise<void>(() => undefined)], { timeoutMs: 400 });
  const slow = await open(t, [rowsHead(), chunk(TWO), chunk(TWO), END], { timeoutMs: 400 });

  await assert.rejects(all(silent.stream), { code: 'NETWORK_ERROR', message: /nothing arrived for 400 ms/ });
  let rows = 0;
  for await (const portion of slow.stream.chunks()) {
    rows += portion.length;
    await new Promise((go) => setTimeout(go, 900));
  }
  assert.equal(rows, 4);
});

test('a signal ends a stream with its own reason', async (t) => {
  const control = new AbortController();
  const { stream } = await open(t, [rowsHead(), chunk(TWO), new Promise<void>(() => undefined)], { signal: control.signal });
  const reason = new Error('enough');

  await assert.rejects(async () => {
    for await (const row of stream) if (row.a === 2) setTimeout(() => control.abort(reason), 20);
  }, reason);
});

test('controls go out as the server reads them', async (t) => {
  const server = await startFaulty({ [EXCHANGE]: [[token()]], [ROWS]: [[rowsHead(), END]] });
  t.after(server.close);
  const client = new OWOXApiClient({ apiOrigin: server.origin, apiKeyId: 'pmk_1', apiKeySecret: 'x' });
  const filter = [{ column: 'día', operator: 'eq', value: 'ü?>' }] as const;
  const aggregation = [{ column: 'a', function: 'SUM' }] as const;

  await client.dataMarts.traverseData('orders', {
    column: ['día', 'a b'],
    filter,
    sort: [],
    aggregation,
    dateTrunc: [{ column: 'día', unit: 'MONTH', timeZone: 'Europe/Kyiv' }],
    limit: 10,
  });

  const query = new URL(server.asked[1]!.line.split(' ')[1]!, server.origin).searchParams;
  assert.deepEqual([...query.keys()], ['column', 'column', 'filter', 'aggregation', 'dateTrunc', 'limit']);
  assert.deepEqual(query.getAll('column'), ['día', 'a b']);
  assert.match(query.get('filter')!, /^[\w-]+$/);
  assert.deepEqual(JSON.parse(Buffer.from(query.get('filter')!, 'base64url').toString()), filter);
  await assert.rejects(client.dataMarts.traverseData('orders', { columns: '**', column: ['a'] }), {
    message: 'columns "**" cannot be combined with exact column values',
  });
});
