/** Whatever happens to an alert, in whatever order: it comes to its end, all of it is told, and not too often. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { addSeconds, type Instant } from '../time.ts';
import { isOver, type Alert, type AlertTold } from './alert.ts';
import { alertOptionsOf } from './options.ts';
import { afterTelling, afterTransition, dueAt, nextTransition, pending, repeated, untoldAt } from './progress.ts';

const START = 1_790_000_000_000_000 as Instant;
/** Looks at one time: more are a loop. */
const ROUNDS_MAX = 60;

function opened(wire: Readonly<Record<string, unknown>>): Alert {
  const firing = { automationId: 'a', triggerId: 't', state: 'Triggered', at: START, labels: {}, eventId: null };
  return {
    id: 'alert',
    channel: 'block',
    cause: 'x',
    state: 'open',
    severity: 'error',
    isOnce: false,
    digest: null,
    automationId: 'a',
    automations: ['a'],
    options: alertOptionsOf(wire),
    openedAt: START,
    count: 1,
    repeatedAt: START,
    affected: [],
    affectedCount: 0,
    orderId: 'order',
    firing: { id: 'firing', ...firing },
    action: '{}',
    message: { subject: 's', body: 'b' },
    told: untoldAt(START),
    acknowledged: null,
    escalated: 0,
    snoozedUntil: null,
    healthySince: null,
    closedAt: null,
    secret: '00',
  } as unknown as Alert;
}

const happening = fc.oneof(
  fc.record({ what: fc.constant('repeat' as const), times: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ what: fc.constantFrom('success' as const, 'acknowledge' as const) }),
  fc.record({ what: fc.constant('snooze' as const), seconds: fc.integer({ min: 0, max: 90_000 }) }),
  fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 40_000 }) }),
);
const answer = fc.constantFrom('taken', 'taken', 'taken', 'delayed', 'refused');

interface World {
  alert: Alert;
  now: Instant;
  readonly told: { readonly kind: string; readonly at: Instant; readonly state: string }[];
  readonly transitions: string[];
}

/** As the service acts on it. */
function look(world: World, can: AlertTold['can'], answers: () => string): void {
  for (let round = 0; ; round += 1) {
    assert.ok(round < ROUNDS_MAX, 'it comes to rest');
    const due = dueAt(world.alert);
    if (due === null || due > world.now) return;
    const { alert, now } = world;
    const transition = nextTransition(alert);
    if (transition !== null && transition.at <= now) {
      world.transitions.push(transition.to);
      world.alert = afterTransition(alert, transition.to, now);
      continue;
    }
    const telling = pending(alert);
    assert.ok(telling !== null && telling.at <= now, 'something is due');
    const what = answers();
    const taken = { isTaken: true, handle: can === 'nothing' ? null : 'm1', can } as const;
    const outcome =
      what === 'taken' ? taken : ({ isTaken: false, again: null, isHopeless: what === 'refused' } as const);
    if (outcome.isTaken) world.told.push({ kind: telling.kind, at: now, state: alert.state });
    world.alert = afterTelling(alert, { telling, as: alert, outcome, receipt: what, now });
    // It is kept as JSON.
    assert.deepEqual(JSON.parse(JSON.stringify(world.alert)), world.alert);
  }
}

const repeat = (alert: Alert, at: Instant): Alert =>
  repeated(alert, { at, severity: 'error', automation: 'a', words: 'x', affected: null, isNewlyAffected: false });

test('an alert comes to its end, and each of its changes is made once', () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 30 }),
      fc.infiniteStream(answer),
      fc.constantFrom('edit' as const, 'reply' as const, 'nothing' as const),
      fc.constantFrom(
        {},
        {
          escalate: [
            { after: 600, block_document_id: 'b' },
            { after: 600, block_document_id: 'c' },
          ],
        },
      ),
      fc.constantFrom({}, { quiet: { from: '15:00', until: '06:00' } }),
      (happenings, answers, can, escalate, quiet) => {
        const world: World = { alert: opened({ ...escalate, ...quiet }), now: START, told: [], transitions: [] };
        const next = (): string => String(answers.next().value);
        for (const one of happenings) {
          if (isOver(world.alert.state)) break;
          if (one.what === 'wait') world.now = addSeconds(world.now, one.seconds);
          else if (one.what === 'repeat')
            for (let index = 0; index < one.times; index += 1) world.alert = repeat(world.alert, world.now);
          else if (one.what === 'success') world.alert = { ...world.alert, healthySince: world.now };
          else if (one.what === 'snooze')
            world.alert = { ...world.alert, snoozedUntil: addSeconds(world.now, one.seconds) };
          else if (world.alert.state === 'open')
            world.alert = { ...world.alert, state: 'acknowledged', acknowledged: { at: world.now, by: 'Ada' } };
          look(world, can, next);
        }
        // Time goes on; the channel is there again.
        for (let hour = 0; hour < 24 * 40 && dueAt(world.alert) !== null; hour += 1) {
          world.now = addSeconds(world.now, 3600);
          look(world, can, () => 'taken');
        }
        const { alert, told, transitions } = world;
        assert.equal(dueAt(alert), null);
        assert.ok(isOver(alert.state));
        assert.equal(transitions.filter((to) => to !== 'escalated').length, 1);
        assert.ok(transitions.filter((to) => to === 'escalated').length <= alert.options.escalation.length);
        assert.ok(told.filter(({ kind }) => kind === 'first').length <= 1);
        assert.ok(told.filter(({ kind }) => kind === 'escalation').length <= alert.escalated);
        if (can === 'edit')
          for (const [index, { at }] of told.filter(({ kind }) => kind === 'count').entries()) {
            const before = told.filter(({ kind }) => kind === 'count')[index - 1];
            assert.ok(before === undefined || at >= addSeconds(before.at, 5), 'edits keep their distance');
          }
      },
    ),
    { numRuns: 300 },
  );
});

test('a thousand failures within a minute are one message, thirteen edits at most, or three replies', () => {
  for (const [can, messages] of [
    ['edit', 14],
    ['reply', 4],
    ['nothing', 1],
  ] as const) {
    const world: World = { alert: opened({}), now: START, told: [], transitions: [] };
    world.alert = { ...world.alert, told: { ...world.alert.told, again: null } };
    look(world, can, () => 'taken');
    for (let index = 0; index < 1000; index += 1) {
      world.now = addSeconds(world.now, 0.06);
      world.alert = repeat(world.alert, world.now);
      look(world, can, () => 'taken');
    }
    assert.ok(world.told.length <= messages, `${can}: ${world.told.length}`);
    world.now = addSeconds(world.now, 7300);
    look(world, can, () => 'taken');
    assert.equal(world.alert.told.count, 1001, 'the last count is told');
  }
});
