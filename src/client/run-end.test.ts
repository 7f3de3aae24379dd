/** A run that is followed has ended when nothing continues it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { GoesOn } from '../core/after-crash.ts';
import { sampleFlowRun, sampleState, seconds, T0 } from '../core/rules/fixtures/sample.ts';
import type { Explanation } from '../core/why.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { RunEnd } from './run-end.ts';

const crashed = (id: string) => sampleFlowRun(sampleState({ type: 'CRASHED', evidence: 'gone' }, T0, id));

function follow(how: GoesOn['how'] | null) {
  const clock = new VirtualClock(T0, 'manual');
  let asked = 0;
  const explainRun = (): Explanation => {
    asked += 1;
    const goesOn = how === null ? undefined : { how, attempt: 2, attemptsMax: 5, by: seconds(8) };
    return { headline: 'Crashed.', because: [], next: '', goesOn };
  };
  return { clock, end: new RunEnd({ client: { explainRun }, clock }), asked: () => asked };
}

test('a crash is not the end of a run that its server continues; each crash is asked about once', async () => {
  const { clock, end, asked } = follow('resume');
  assert.equal(await end.isOver(crashed('one')), false);
  await clock.advance(30);
  assert.equal(await end.isOver(crashed('one')), false);
  assert.equal(asked(), 1);
  assert.equal(await end.isOver(sampleFlowRun(sampleState({ type: 'RUNNING' }))), false);
  assert.equal(await end.isOver(crashed('two')), false);
  assert.equal(asked(), 2);
  assert.equal(await end.isOver(sampleFlowRun(sampleState({ type: 'COMPLETED', data: null }))), true);
});

test('a server that continues nothing for a minute is waited for no longer', async () => {
  const { clock, end } = follow('resume');
  assert.equal(await end.isOver(crashed('one')), false);
  await clock.advance(61);
  assert.equal(await end.isOver(crashed('one')), true);
});

test('a crash is the end where nothing continues the run, or another one is begun for it', async () => {
  for (const how of [null, 'retry'] as const) assert.equal(await follow(how).end.isOver(crashed('one')), true);
});
