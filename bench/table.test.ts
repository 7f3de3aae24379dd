import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isMet, ratioOf, type Row } from './row.ts';
import { samplesOf } from './samples.ts';
import { formatSamples, renderTable } from './table.ts';

const row = (change: Partial<Row>): Row => ({
  figure: 'x',
  what: 'a task',
  unit: 'microseconds',
  ours: samplesOf([50]),
  peer: null,
  goals: [],
  ...change,
});
const peer = (name: string, value: number) => ({ name, samples: samplesOf([value]), paired: false });

test('a goal of times less counts the peer over us', () => {
  const [fast, slow] = [row({ peer: peer('P', 5000) }), row({ peer: peer('P', 4999) })];
  assert.equal(ratioOf(fast), 100);
  assert.equal(isMet(fast, { kind: 'times-less', factor: 100 }), true);
  assert.equal(isMet(slow, { kind: 'times-less', factor: 100 }), false);
});

test('pairs are compared pair by pair, so that a slow while of the machine does not count', () => {
  const slowWhile = row({
    ours: samplesOf([10, 40, 10]),
    peer: { name: 'P', samples: samplesOf([1000, 4000, 1020]), paired: true },
  });
  assert.equal(ratioOf(slowWhile), 100);
  assert.equal(ratioOf({ ...slowWhile, ours: samplesOf([10, 40]) }), 1020 / 25);
});

test('a goal beside a limit counts us over the limit', () => {
  const goal = { kind: 'within', factor: 2 } as const;
  assert.equal(isMet(row({ peer: peer('limit', 25) }), goal), true);
  assert.equal(isMet(row({ peer: peer('limit', 24) }), goal), false);
});

test('a goal that needs a peer is open when there is none; one that does not is decided', () => {
  assert.equal(isMet(row({}), { kind: 'times-less', factor: 2 }), null);
  assert.equal(isMet(row({}), { kind: 'below', value: 51 }), true);
  assert.equal(isMet(row({}), { kind: 'below', value: 50 }), false);
});

test('figures are shown in the unit of their size, with the range of repeats', () => {
  assert.equal(formatSamples(samplesOf([27.06]), 'microseconds'), '27.1 µs');
  assert.equal(formatSamples(samplesOf([5400, 5500, 5900]), 'microseconds'), '5.50 ms (5.40–5.90)');
  assert.equal(formatSamples(samplesOf([20_500_000]), 'microseconds'), '20.5 s');
  assert.equal(formatSamples(samplesOf([55_500_000]), 'bytes'), '55.5 MB');
});

test('the table names peer, ratio, goal and whether it is met', () => {
  const text = renderTable([
    row({ peer: peer('Prefect', 5500), goals: [{ kind: 'times-less', factor: 100 }] }),
    row({ what: 'the limit', peer: peer('bare loop', 20), goals: [{ kind: 'within', factor: 2 }] }),
    row({
      what: 'a start',
      ours: samplesOf([250_000]),
      goals: [
        { kind: 'times-less', factor: 40 },
        { kind: 'below', value: 300_000 },
      ],
    }),
  ]).split('\n');
  assert.match(text[2] ?? '', /^a task +50\.0 µs +Prefect: 5\.50 ms +110× +≥ 100× +yes$/);
  assert.match(text[3] ?? '', /^the limit +50\.0 µs +bare loop: 20\.0 µs +2\.50 times it +at most 2 times it +NO$/);
  assert.match(text[4] ?? '', /^a start +250 ms +≥ 40×, < 300 ms +not measured, yes$/);
});
