import assert from 'node:assert/strict';
import { test } from 'node:test';

import { automation, event, eventTrigger, Stepping, uuid } from './fixtures/stepping.ts';
import { OWN_FIRINGS_MAX } from './loop-guard.ts';

const events = (...seconds: readonly number[]) => seconds.map((second) => event({ seconds: second }));
const stepping = (parts: Readonly<Record<string, unknown>>) => new Stepping(automation(eventTrigger(parts)));
const EACH = { for_each: ['prefect.resource.id'] };
const of = (id: string, seconds: number, name = 'a') =>
  event({ name, seconds, resource: { 'prefect.resource.id': id } });

test('a reactive trigger without a window fires for each event', () => {
  const steps = stepping({});
  assert.deepEqual(steps.step([...events(1, 2, 2), event({ name: 'b', seconds: 3 })]), [1, 2, 2]);
  assert.equal(steps.rows.size, 0);
  const { firing, posture } = steps.firings[0] ?? {};
  assert.deepEqual(
    [firing?.automationId, firing?.triggerId, firing?.state, firing?.labels, posture],
    [uuid(999), 'trigger', 'Triggered', {}, 'Reactive'],
  );
  assert.equal(new Set(steps.firings.map((one) => one.firing.id)).size, 3);
});

test('a reactive trigger fires with the event that reaches its threshold, once a window', () => {
  const steps = stepping({ threshold: 2, within: 60 });
  assert.deepEqual(steps.step(events(0, 10)), [10]);
  // What is left of the window counts no more; the next one begins at its end.
  assert.deepEqual(steps.step(events(11, 12, 59)), []);
  assert.deepEqual(steps.step(events(60, 61)), [61]);
  const slow = stepping({ threshold: 2, within: 60 });
  assert.deepEqual(slow.step(events(0, 60, 119)), [119]);
  assert.deepEqual(stepping({ threshold: 2, within: 60 }).step(events(0, 61, 122)), []);
});

test('a threshold without a window counts events until a minute after the first', () => {
  assert.deepEqual(stepping({ threshold: 2 }).step(events(0, 59)), [59]);
  assert.deepEqual(stepping({ threshold: 2 }).step(events(0, 60, 61)), [61]);
});

test('an event that is older than its window counts no more, unless it is the first one and a little late', () => {
  const late = stepping({ threshold: 2, within: 60 });
  const receivedSeconds = 1000;
  const older = (seconds: number) => event({ seconds, receivedSeconds });
  assert.deepEqual(late.step([older(1000), older(100)]), [1000]);
  const tooLate = stepping({ threshold: 2, within: 60 });
  assert.deepEqual(tooLate.step([older(1000), older(99)]), []);
});

test('keys are counted apart', () => {
  const steps = stepping({ ...EACH, threshold: 2, within: 60 });
  assert.deepEqual(steps.step([of('x', 1), of('y', 2), of('x', 3), of('z', 4), of('y', 5)]), [3, 5]);
  assert.deepEqual(
    steps.firings.map(({ firing }) => firing.labels),
    [{ 'prefect.resource.id': 'x' }, { 'prefect.resource.id': 'y' }],
  );
});

test('a reactive trigger with `after` counts from the event that opens its window', () => {
  const steps = stepping({ after: ['open'], within: 60 });
  const open = (seconds: number) => event({ name: 'open', seconds });
  assert.deepEqual(steps.step(events(1)), []);
  assert.deepEqual(steps.step([open(2), ...events(3, 4)]), [3]);
  assert.deepEqual(steps.step([open(10), ...events(70)]), []);
  assert.deepEqual(steps.step([open(80), open(150), ...events(160)]), [160]);
});

test('a proactive trigger fires at the end of each window in which too little has come', () => {
  const steps = stepping({ posture: 'Proactive', within: 10 });
  // Its first window has been open since the automation was made.
  assert.deepEqual(steps.step([], -990), []);
  assert.deepEqual(steps.step([], -989), [-990]);
  assert.deepEqual(steps.step(events(-985), -979), []);
  assert.deepEqual(steps.step([], -978), []);
  assert.deepEqual(steps.step([], -968.5), [-970]);
  assert.equal(steps.firings[1]?.event?.id, undefined);
  // Nobody looked for long: it fires once.
  assert.deepEqual(steps.step([], 0), [-960]);
  assert.deepEqual(steps.step([], 9), []);
  assert.deepEqual(steps.step([], 10), [9]);
});

test('what occurred in a window counts, also when it is received a little after its end', () => {
  const steps = stepping({ posture: 'Proactive', within: 10 });
  const late = event({ seconds: -990.5, receivedSeconds: -989.5 });
  assert.deepEqual(steps.step([late], -985), []);
});

test('a proactive trigger with `after` fires when what was to follow does not', () => {
  const parts = { ...EACH, posture: 'Proactive', after: ['open'], within: 60 };
  const steps = stepping(parts);
  assert.deepEqual(steps.step([of('x', 0, 'open'), of('y', 1, 'open'), of('x', 30)], 200), [61]);
  assert.deepEqual(steps.firings[0]?.firing.labels, { 'prefect.resource.id': 'y' });
  assert.equal(steps.firings[0]?.event?.name, 'open');
  assert.deepEqual(steps.step([], 1000), []);
  // Without `for_each`, too, nothing fires before it was opened.
  assert.deepEqual(stepping({ ...parts, for_each: [] }).step([], 1000), []);
});

test('an event that is expected and also opens a window begins the wait anew, as heartbeats do', () => {
  const beats = { ...EACH, posture: 'Proactive', after: ['beat'], expect: ['beat', 'end'], within: 60 };
  const beat = (seconds: number) => of('x', seconds, 'beat');
  const silent = stepping(beats);
  assert.deepEqual(silent.step([beat(0), beat(50), beat(100)], 500), [160]);
  assert.equal(silent.firings[0]?.event?.name, 'beat');
  const ended = stepping(beats);
  assert.deepEqual(ended.step([beat(0), beat(50), of('x', 70, 'end')], 500), []);
  const overtaken = stepping(beats);
  const early = event({ name: 'end', seconds: 55, receivedSeconds: 56, resource: { 'prefect.resource.id': 'x' } });
  const lateBeat = event({ name: 'beat', seconds: 50, receivedSeconds: 57, resource: { 'prefect.resource.id': 'x' } });
  assert.deepEqual(overtaken.step([beat(0), early, lateBeat], 500), []);
});

test('an event that was expected before its window was opened is counted in it', () => {
  const parts = { ...EACH, posture: 'Proactive', after: ['open'], within: 60 };
  const late = event({ name: 'open', seconds: 5, receivedSeconds: 20, resource: { 'prefect.resource.id': 'x' } });
  assert.deepEqual(stepping(parts).step([of('x', 10), late], 500), []);
  const before = event({ name: 'open', seconds: 15, receivedSeconds: 20, resource: { 'prefect.resource.id': 'x' } });
  assert.deepEqual(stepping(parts).step([of('x', 10), before], 500), [75]);
});

test('what is kept aside is bounded, and goes', () => {
  const steps = stepping({ ...EACH, posture: 'Proactive', after: ['open'], within: 60, threshold: 2 });
  steps.step(Array.from({ length: 50 }, (_, index) => of('x', index)));
  const body = [...steps.rows.values()][0]?.body;
  assert.ok(body?.kind === 'key' && body.state.kept.length <= 8, JSON.stringify(body));
  assert.equal([...steps.rows.values()][0]?.goneAt !== null, true);
});

test('a proactive trigger forgets a key that has had what was expected', () => {
  const steps = stepping({ ...EACH, posture: 'Proactive', within: 60, threshold: 2 });
  assert.deepEqual(steps.step([of('x', 0), of('x', 1), of('y', 2)], 100), [62]);
  assert.deepEqual([...steps.rows.values()].length, 1);
});

const PARTS = ['a', 'b', 'c'].map((name) => eventTrigger({ id: name, expect: [name] }));
const named = (text: string, ...seconds: readonly number[]) =>
  Array.from(text, (name, index) => event({ name, seconds: seconds[index] ?? index }));

test('a compound trigger fires when enough of its triggers have', () => {
  for (const [required, within, given, fires] of [
    ['any', null, named('ab'), [0, 1]],
    ['all', null, named('ab'), []],
    ['all', null, named('aabcc'), [3]],
    ['all', null, named('abcabc'), [2, 5]],
    [2, null, named('aac'), [2]],
    [2, 10, named('ab', 0, 11), []],
    [2, 10, named('ab', 0, 10), [10]],
    [2, 10, named('aab', 0, 5, 15), [15]],
    [1, 10, named('a'), [0]],
  ] as const) {
    const trigger = { type: 'compound', id: 'whole', require: required, within, triggers: PARTS };
    const steps = new Stepping(automation(trigger));
    assert.deepEqual(steps.step(given), fires, JSON.stringify([required, within, given.map(({ name }) => name)]));
    assert.ok(steps.firings.every(({ firing, posture }) => firing.triggerId === 'whole' && posture === null));
  }
});

test('a sequence fires when its triggers have, in their order', () => {
  for (const [within, given, fires] of [
    [null, named('abc'), [2]],
    [null, named('acb'), []],
    [null, named('bac'), []],
    [null, named('babc'), [3]],
    [null, named('abab'), []],
    [10, named('abc', 0, 1, 11), []],
    [10, named('abc', 0, 1, 10), [10]],
  ] as const) {
    const steps = new Stepping(automation({ type: 'sequence', id: 'whole', within, triggers: PARTS }));
    assert.deepEqual(steps.step(given), fires, JSON.stringify([within, given.map(({ name }) => name)]));
  }
});

test('triggers of triggers may lie in each other', () => {
  const inner = { type: 'sequence', id: 'inner', within: null, triggers: PARTS.slice(0, 2) };
  const trigger = { type: 'compound', id: 'outer', require: 'all', within: null, triggers: [inner, PARTS[2]] };
  const steps = new Stepping(automation(trigger));
  assert.deepEqual(steps.step(named('cba')), []);
  assert.deepEqual(steps.step(named('b', 4)), [4]);
  assert.equal(steps.firings[0]?.firing.triggerId, 'outer');
});

test('an event waits for the one that it follows, a quarter of an hour at most', () => {
  const sequence = () =>
    new Stepping(automation({ type: 'sequence', id: 'whole', within: null, triggers: PARTS.slice(0, 2) }));
  const first = event({ name: 'a', seconds: 0, receivedSeconds: 5 });
  const second = event({ name: 'b', seconds: 1, follows: first.id });
  const third = event({ name: 'b', seconds: 2, follows: second.id });
  const waited = sequence();
  assert.deepEqual(waited.step([third, second]), []);
  assert.equal(waited.waiting.length, 2);
  assert.deepEqual(waited.step([first]), [1]);
  assert.deepEqual(waited.waiting, []);
  const lost = new Stepping(automation(eventTrigger({ expect: ['b'] })));
  assert.deepEqual(lost.step([second], 900), []);
  assert.deepEqual(lost.step([], 901), [1]);
  assert.deepEqual(lost.waiting, []);
  assert.deepEqual(lost.step([event({ name: 'b', follows: uuid(5000) })], 901), [0]);
});

test('an automation does not look at what was received before it was made or changed', () => {
  assert.deepEqual(stepping({}).step(events(-1001, -1000)), [-1000]);
});

test('an automation that sets itself off again and again is stopped; one that others set off is not', () => {
  const own = (id: string, seconds: number) =>
    event({
      name: 'prefect.automation.triggered',
      seconds,
      resource: { 'prefect.resource.id': `prefect.automation.${id}` },
    });
  const many = (id: string, apart = 1) =>
    Array.from({ length: OWN_FIRINGS_MAX + 5 }, (_, index) => own(id, index * apart));
  const all = { expect: [] };
  const loop = stepping(all);
  assert.equal(loop.step(many(uuid(999))).length, OWN_FIRINGS_MAX);
  assert.deepEqual(
    loop.stopped.map(({ id }) => id),
    [uuid(999)],
  );
  assert.equal(loop.rows.size, 0);
  assert.equal(loop.step(events(100)).length, 0);
  const others = stepping(all);
  assert.equal(others.step(many(uuid(998))).length, OWN_FIRINGS_MAX + 5);
  const seldom = stepping(all);
  assert.equal(seldom.step(many(uuid(999), 6)).length, OWN_FIRINGS_MAX + 5);
  const through = stepping(all);
  const chained = many(uuid(998)).map((one) => ({
    ...one,
    resource: { ...one.resource, 'ostinato.automation.chain': `${uuid(997)} ${uuid(999)}` },
  }));
  assert.equal(through.step(chained).length, OWN_FIRINGS_MAX);
});
