// Reading rows as chunks, beside fetch, split and JSON.parse written by hand, in turns against the same server.
// node bench/rows.mjs ORIGIN KEY DATA_MART_ID
import { OWOXApiClient } from '../dist/index.js';

const [origin, apiKey, mart] = process.argv.slice(2);
const client = new OWOXApiClient({ apiKey });
const path = `/api/external/http-data/data-marts/${mart}.ndjson`;

async function byClient() {
  let count = 0;
  for await (const rows of (await client.dataMarts.traverseData(mart)).chunks()) count += rows.length;
  return count;
}

async function byHand() {
  const response = await fetch(origin + path, { headers: { authorization: `Bearer ${apiKey}`, 'accept-encoding': 'identity' } });
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
  const [hand, own] = round % 2 ? [await rate(byHand), await rate(byClient)] : (await Promise.resolve(rate(byClient)).then(async (own) => [await rate(byHand), own]));
  ratios.push(own / hand);
  console.log(`by hand ${(hand / 1e6).toFixed(2)}, client ${(own / 1e6).toFixed(2)} million rows/s, ratio ${(own / hand).toFixed(2)}`);
}
console.log(`ratio ${ratios.sort((a, b) => a - b)[2].toFixed(2)} (median of 5)`);
