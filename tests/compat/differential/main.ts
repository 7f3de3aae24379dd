/**
 * A longer look at what differs, by hand, at servers that run already: `node tests/compat/differential/main.ts THEIRS
 * OURS [FIRST SEED] [SEEDS] [REQUESTS]`, for instance with `http://127.0.0.1:4200/api http://127.0.0.1:4201/api 100 20
 * 500`.
 */
import { explore } from './explore.ts';

const [theirs = '', ours = '', first = '1', seeds = '1', requests = '500'] = process.argv.slice(2);
const found = await explore({
  theirs,
  ours,
  requests: Number(requests),
  seeds: Array.from({ length: Number(seeds) }, (_, index) => Number(first) + index),
});
for (const difference of found.unknown) console.log(`${difference}\n`);
const statuses = [...found.statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
console.log(
  `${found.requests} requests, ${found.unknown.length} kinds of difference, by status: ${statuses.join(', ')}`,
);
