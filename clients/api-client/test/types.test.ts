// What the compiler lets through and what not: each expected error is one, or compiling the tests fails.
import { test } from 'node:test';

import { type DataMart, OWOXApiClient, type ProjectRun, type Row, type RowStream, type Run } from '../src/index.js';

/** Never called: only its types count. */
async function typed(client: OWOXApiClient): Promise<void> {
  const marts: DataMart[] = await client.dataMarts.list({ ownerFilter: 'no_owners' });
  const stream: RowStream = await client.dataMarts.traverseData(marts[0]!.id, {
    column: ['a'],
    filter: [{ column: 'a', operator: 'relative_date', value: { kind: 'last_n_days', n: 7 } }],
    sort: [{ column: 'a', direction: 'desc' }],
  });
  for await (const row of stream) row satisfies Row;
  for await (const rows of stream.chunks()) rows satisfies Row[];
  for await (const bytes of stream.raw()) bytes satisfies Uint8Array;
  (await client.runs.list()) satisfies ProjectRun[];
  (await client.runs.forDataMart('m').list()) satisfies Run[];
  ((await client.project.getSetupProgress()).steps.hasReport.completedAt) satisfies string | null;

  // @ts-expect-error: no such filter
  await client.dataMarts.list({ ownerFilter: 'mine' });
  // @ts-expect-error: no such operator
  await client.dataMarts.traverseData('m', { filter: [{ column: 'a', operator: 'like' }] });
  // @ts-expect-error: a span of days needs its number
  await client.dataMarts.traverseData('m', { filter: [{ column: 'a', operator: 'relative_date', value: { kind: 'last_n_days' } }] });
  // @ts-expect-error: rows are not known before they are read
  (await client.dataMarts.traverseData('m')).rows().then;
  // @ts-expect-error: no such scope
  await client.plugins.listPublications('world');
  // @ts-expect-error: a status is one of a few words
  marts[0]!.status === 'LIVE';
}

test('the types compile', () => void typed);
