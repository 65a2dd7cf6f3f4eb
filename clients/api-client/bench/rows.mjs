// Reading rows as chunks, beside fetch, split and JSON.parse written by hand, in turns against the same server.
// With the combined value in OWOX_API_KEY, on the demo project.
import { OWOXApiClient } from '../dist/index.js';

const apiKey = process.env.OWOX_API_KEY;
const { apiOrigin } = JSON.parse(Buffer.from(apiKey.slice(9), 'base64url').toString());
const client = new OWOXApiClient({ apiKey });
const mart = (await client.dataMarts.list()).find(({ title }) => title === 'Page views').id;
const url = `${apiOrigin}/api/external/http-data/data-marts/${mart}.ndjson?limit=1000000`;

async function byClient() {
  let count = 0;
  for await (const rows of (await client.dataMarts.traverseData(mart, { limit: 1_000_000 })).chunks()) count += rows.length;
  return count;
}

async function byHand() {
  const response = await fetch(url, { headers: { authorization: `Bearer ${apiKey}`, 'accept-encoding': 'identity' } });
  const decoder = new TextDecoder();
  let count = 0;
  let rest = '';
  for await (const bytes of response.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop();
    const rows = [];
    for (const line of lines) rows.push(JSON.parse(line));
    count += rows.length;
  }
  return count;
}

async function rate(read) {
  const begin = performance.now();
  const count = await read();
  return (count / (performance.now() - begin)) * 1000;
}

const ratios = [];
for (let round = 0; round < 5; round++) {
  // In turns, so that whatever else the machine does falls on both.
  const own = await rate(byClient);
  const hand = await rate(byHand);
  ratios.push(own / hand);
  console.log(`client ${(own / 1e6).toFixed(2)}, by hand ${(hand / 1e6).toFixed(2)} million rows/s`);
}
console.log(`as chunks ${ratios.sort((a, b) => a - b)[2].toFixed(2)} of fetch, split and JSON.parse (median of 5)`);
