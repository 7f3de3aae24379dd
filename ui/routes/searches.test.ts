/** Whatever stands behind the `?` of an address: every route makes something of it that its page can be drawn from. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { parseSearchWith, stringifySearchWith } from '@tanstack/react-router';
import fc from 'fast-check';

import { alignPeriod, bucketSeconds } from '../components/time-bars.ts';
import { barsOf } from '../features/flow-runs/buckets.ts';
import type { RunSearch } from '../features/flow-runs/run-search.ts';
import { periodOfSearch, selectionOf } from '../features/flow-runs/run-selection.ts';
import { parseAddressValue, SEARCHES } from './searches.ts';

type Search = Readonly<Record<string, unknown>>;
const routes = Object.entries(SEARCHES) as [path: string, parse: (raw: Search) => Search][];
const readAddress = parseSearchWith(parseAddressValue) as (text: string) => Search;
const writeAddress = stringifySearchWith(JSON.stringify, parseAddressValue);

/** Names of fields that some route knows, names that every object has, and any other. */
const FIELDS = [
  'show',
  'pool',
  'view',
  'name',
  'states',
  'flow',
  'tags',
  'span',
  'from',
  'to',
  'subflows',
  'sort',
  'page',
  'tab',
  'task',
  'level',
  'text',
  'end',
  'state',
  'more',
  'q',
  'taskTab',
  'taskLevel',
  'taskText',
  'taskEnd',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
];
const ODD = [
  '5y',
  'paused',
  'schedules',
  '7d',
  'NOPE',
  'FAILED',
  'NaN',
  '-1',
  '99',
  '0',
  '1e999',
  '99999999999999999999',
  '[',
  '{}',
  '[[]]',
  '["FAILED",7,null]',
  '{"a":{"b":[1]}}',
  'null',
  'true',
  'undefined',
  '\0',
  '\u202E',
  '\uD800',
  '275760-09-13',
  '+275760-09-13T00:00:00Z',
  '0000-01-01',
  '9999-12-31',
  '2026-11-22',
  '2026-11-21T00:00:00Z',
  'constructor',
  '__proto__',
  '"',
  '%',
  '0198c1d07a2b7c3d8e4f001122334455',
  'x'.repeat(100_000),
];
const field = fc.oneof(fc.constantFrom(...FIELDS), fc.string({ unit: 'binary', maxLength: 8 }));
const typed = fc.array(
  fc.tuple(
    field,
    fc.oneof(fc.constantFrom(...ODD), fc.string({ unit: 'binary', maxLength: 30 }), fc.json({ maxDepth: 3 })),
  ),
  { maxLength: 12 },
);
const addressOf = (pairs: readonly (readonly [string, string])[]): string =>
  `?${new URLSearchParams(pairs.map(([key, value]) => [key, value])).toString()}`;

/** As the router hands it to the page: what the route says is laid over what the address says. */
const seen = (parse: (raw: Search) => Search, raw: Search): Search =>
  Object.fromEntries(Object.entries({ ...raw, ...parse(raw) }).filter(([, value]) => value !== undefined));

test('every route reads any address: a page gets what it knows and nothing else, and its own address is read as the same', () => {
  fc.assert(
    fc.property(typed, fc.dictionary(field, fc.anything()), (pairs, values) => {
      for (const raw of [readAddress(addressOf(pairs)), values]) {
        for (const [path, parse] of routes) {
          const search = seen(parse, raw);
          const own = seen(parse, search);
          assert.deepEqual(own, search, `${path}: what it understood it understands again`);
          assert.deepEqual(seen(parse, readAddress(writeAddress(search))), search, `${path}: also from the address`);
          for (const [key, value] of Object.entries(search)) {
            assert.ok(FIELDS.slice(0, 25).includes(key), `${path}: ${key}`);
            assert.ok(
              ['string', 'number', 'boolean'].includes(typeof value) ||
                (Array.isArray(value) && value.every((item) => typeof item === 'string')),
              `${path}: ${key} is ${String(value)}`,
            );
            assert.ok(JSON.stringify(value).length < 60_000, `${path}: ${key} is bounded`);
          }
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('the list of runs asks the server something that it can answer, whatever the address says', () => {
  fc.assert(
    fc.property(typed, fc.integer({ min: 0, max: 4e12 }), (pairs, now) => {
      const search = seen(SEARCHES['/runs'] as (raw: Search) => Search, readAddress(addressOf(pairs))) as RunSearch;
      const raw = periodOfSearch(search, now);
      const step = bucketSeconds(raw);
      const period = alignPeriod(raw, step);
      const bars = barsOf(period, step, []);
      assert.ok(bars.length > 0 && bars.length <= 70, `${bars.length} bars`);
      assert.match(JSON.stringify(selectionOf(search, period)), /"after_":"\d{4}-/);
    }),
    { numRuns: 400 },
  );
});

test('examples: a foreign value means the plain page', () => {
  const { '/runs': runs, '/runs/flow-run/$id': run } = SEARCHES;
  for (const address of [
    '?span=5y',
    '?page=-3',
    '?page=NaN',
    '?page=1e400',
    '?states=NOPE',
    '?states={"a":1}',
    '?from=2026-11-22&to=2026-11-21',
    '?from=0001-01-01&to=9999-12-31',
    '?flow=abc',
    '?__proto__=x&constructor=y',
    '?subflows=1',
    '?sort=toString',
  ]) {
    assert.deepEqual(seen(runs as (raw: Search) => Search, readAddress(address)), {}, address);
  }
  assert.deepEqual(seen(runs as (raw: Search) => Search, readAddress('?name=0042&tags=a&tags=b&states=FAILED')), {
    name: '0042',
    tags: ['a', 'b'],
    states: ['FAILED'],
  });
  assert.deepEqual(
    seen(run as (raw: Search) => Search, readAddress('?tab=secrets&task=../../admin&taskLevel=40&level=7')),
    {},
  );
});

test('each route of the pages takes its fields from here', () => {
  const source = readFileSync(join(import.meta.dirname, 'router.tsx'), 'utf8');
  const made = [...source.matchAll(/createRoute\(\{[^]*?path: '([^']+)'[^]*?validateSearch: SEARCHES\['([^']+)'\]/g)];
  assert.deepEqual(
    made.map(([, path]) => path),
    made.map(([, , known]) => known),
  );
  assert.equal(made.length, source.split('createRoute({').length - 1);
  assert.deepEqual(made.map(([, path]) => path).sort(), Object.keys(SEARCHES).sort());
});
