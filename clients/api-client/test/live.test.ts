// Every method against the real server on a new instance.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { OWOXApiClient, OWOXApiError, OWOXAuthError } from '../src/index.js';
import { type CreatedKey, type Running, startServer } from './server.js';

let server: Running;
let key: CreatedKey;
let client: OWOXApiClient;
let admin: OWOXApiClient;
let orders: string;

before(async () => {
  server = await startServer();
  key = server.createKey('editor');
  client = new OWOXApiClient({ apiKey: key.apiKey });
  admin = new OWOXApiClient(parts(server.createKey('admin')));
  orders = (await client.dataMarts.list()).find(({ title }) => title === 'Orders')!.id;
});
after(() => server.stop());

function parts({ apiKeyId, apiKeySecret }: CreatedKey) {
  return { apiOrigin: server.origin, apiKeyId, apiKeySecret };
}

test('the context names key, project and member', async () => {
  const context = await client.auth.getContext();

  assert.equal(context.apiKeyId, key.apiKeyId);
  assert.equal(context.project.id, server.project);
  assert.deepEqual(context.member.roles, ['editor']);
});

test('data marts, storages and destinations are listed', async () => {
  const marts = await client.dataMarts.list();
  const storages = await client.storages.list();

  assert.ok(marts.some(({ id, status }) => id === orders && status === 'PUBLISHED'));
  assert.ok(storages.some(({ publishedDataMartsCount }) => publishedDataMartsCount > 0));
  assert.deepEqual(await client.destinations.list(), []);
  assert.deepEqual(await client.dataMarts.list({ offset: 1_000_000 }), []);
});

test('rows are read whole, in part, filtered and grouped, and the run is in the history', async () => {
  const all = [];
  const stream = await client.dataMarts.traverseData(orders);
  for await (const rows of stream.chunks()) all.push(...rows);
  const status = String(all[0]!.status);
  const few = await rowsOf({ column: ['status', 'order_id'], filter: [{ column: 'status', operator: 'eq', value: status }], limit: 3 });
  const groups = await rowsOf({ column: ['status', 'amount'], aggregation: [{ column: 'amount', function: 'SUM' }] });

  assert.ok(few.length > 0 && few.every((row) => row.status === status));
  assert.deepEqual(Object.keys(few[0]!), ['status', 'order_id']);
  assert.deepEqual(Object.keys(groups[0]!), ['status', 'amount | SUM', 'Row Count']);
  const run = await client.runs.forDataMart(orders).get(stream.runId!);
  assert.equal(run.status, 'SUCCESS');
  assert.equal((run.additionalParams!.httpData as { rowCount: number }).rowCount, all.length);
  assert.ok((await client.runs.forDataMart(orders).list({ limit: 50 })).some(({ id }) => id === run.id));
  assert.ok((await client.runs.list()).some(({ id, dataMart }) => id === run.id && dataMart.title === 'Orders'));
});

async function rowsOf(options: Parameters<typeof client.dataMarts.traverseData>[1]) {
  const rows = [];
  for await (const row of await client.dataMarts.traverseData(orders, options)) rows.push(row);
  return rows;
}

test('refused controls say which', async () => {
  await assert.rejects(client.dataMarts.traverseData(orders, { column: 'nothing' }), (error) => {
    assert.ok(error instanceof OWOXApiError);
    assert.equal(error.status, 400);
    assert.match(error.message, /400 Bad Request: Unknown column: nothing/);
    assert.deepEqual(error.details, { dataMartId: orders, columns: ['nothing'] });
    return true;
  });
});

test('runs cannot be started here, and a finished one not cancelled', async () => {
  const runs = client.runs.forDataMart(orders);
  const stream = await client.dataMarts.traverseData(orders, { limit: 1 });
  for await (const row of stream) assert.ok(row);

  await assert.rejects(runs.start(), { status: 400 });
  await assert.rejects(runs.start({ runType: 'MANUAL_BACKFILL', data: { a: 1 } }), { status: 400 });
  await assert.rejects(runs.cancel(stream.runId!), { status: 409 });
  await assert.rejects(runs.get('00000000-0000-4000-8000-000000000000'), { status: 404 });
});

test('the project is described by an admin and shown to all', async () => {
  await assert.rejects(client.project.updateDescription('x'), { status: 403 });
  assert.deepEqual(await admin.project.updateDescription('Sales data'), { description: 'Sales data' });
  assert.deepEqual(await client.project.getSettings(), { description: 'Sales data' });
  assert.deepEqual(await admin.project.updateDescription(null), { description: null });
});

test('setup progress, search, insights, canvas and Markdown are answered', async () => {
  const progress = await client.project.getSetupProgress();
  const found = await client.search.query('orders', { limit: 5, entityTypes: ['DATA_MART'], excludeDrafts: true });
  const storage = (await client.storages.list()).find(({ publishedDataMartsCount }) => publishedDataMartsCount > 0)!;
  const canvas = await client.models.getDataMarts(storage.id);

  assert.ok(progress.steps.hasPublishedDataMart.done);
  assert.ok(found.some(({ entityId }) => entityId === orders));
  assert.deepEqual(await client.insights.getTemplates(), []);
  assert.ok(canvas.items.some(({ id, fieldCount }) => id === orders && fieldCount > 0));
  assert.deepEqual(await client.models.getEdges(storage.id), []);
  assert.match(await client.markdown.parseToHtml({ markdown: '**bold** <script>x</script>' }), /<strong>bold<\/strong>/);
});

test('what this server does not keep is said so', async () => {
  const plugin = { repository: 'https://github.com/owner/plugin', scope: 'deployment' as const };

  await assert.rejects(client.reports.traverseData('00000000-0000-4000-8000-000000000000', { limit: 1 }), { status: 404 });
  assert.deepEqual(await client.plugins.listPublications('member'), []);
  await assert.rejects(client.plugins.publish(plugin), { status: 400, code: 'PLUGIN_PUBLICATION_FORBIDDEN' });
  await assert.rejects(client.plugins.unpublish(plugin), OWOXApiError);
  await assert.rejects(client.plugins.update(plugin.repository), OWOXApiError);
  await assert.rejects(client.plugins.suspend(plugin.repository, 'for now'), OWOXApiError);
  await assert.rejects(client.plugins.resume(plugin.repository), OWOXApiError);
});

test('the low-level calls reach every route', async () => {
  const storage = (await admin.postJson('/api/data-storages', { type: 'DUCKDB' })) as { id: string };

  await admin.putJson(`/api/data-storages/${storage.id}`, { title: 'made by the client' });
  const shown = (await admin.getJson(`/api/data-storages/${storage.id}`)) as { title: string };
  await admin.deleteJson(`/api/data-storages/${storage.id}`);
  const stream = await client.getStream(`/api/external/http-data/data-marts/${orders}.ndjson`, { query: { limit: 2 } });
  const rows = [];
  for await (const row of stream) rows.push(row);

  assert.equal(shown.title, 'made by the client');
  assert.equal(rows.length, 2);
  await assert.rejects(admin.patchJson(`/api/project-member-api-keys/${key.apiKeyId}`, { name: 'x' }), { status: 403 });
});

test('a wrong secret is refused like any other', async () => {
  const wrong = new OWOXApiClient({ ...parts(key), apiKeySecret: `${key.apiKeySecret.slice(9, 20)}x` });

  await assert.rejects(wrong.authenticate(), (error) => {
    assert.ok(error instanceof OWOXAuthError);
    assert.equal(error.status, 401);
    assert.match(error.message, /401 Unauthorized: Unauthorized\nCheck the API Key ID and API Key Secret/);
    return true;
  });
});

test('a key in its last days is warned of', async () => {
  const warned: string[] = [];
  const onWarning = ({ expiresAt }: { expiresAt: string }) => warned.push(expiresAt);
  const soon = new OWOXApiClient({ ...parts(server.createKey('viewer', '3d')), onWarning });

  await soon.auth.getContext();
  await soon.auth.getContext();

  assert.equal(warned.length, 1);
  assert.ok(Date.parse(warned[0]!) > Date.now());
});
