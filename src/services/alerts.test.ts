import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../core/alerts/alert.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { TakenAlert } from '../store/port/alerts.ts';
import { ALERTS_KEPT_SECONDS, AlertService, forgetAlerts } from './alerts.ts';
import { createManualClock } from './fixtures/manual-clock.ts';

const START = 1_790_000_000_000_000 as Instant;

function world() {
  const clock = createManualClock(START);
  const due: { readonly at: Instant; readonly id: string }[] = [];
  const counts = { looks: 0, takes: 0 };
  const asked: (number | null)[] = [];
  const looked: ({ readonly seq: number; readonly isBehind: boolean } | null)[] = [];
  const acting: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const failures: string[] = [];
  const service = new AlertService({
    clock,
    onFailure: (message) => failures.push(message),
    useCases: {
      nextAlertAt: () => {
        counts.looks += 1;
        return due.length === 0 ? null : (Math.min(...due.map(({ at }) => at)) as Instant);
      },
      lookForRecoveries: (after) => {
        asked.push(after);
        return Promise.resolve(looked.shift() ?? { seq: 7, isBehind: false });
      },
      takeAlerts: (limit) => {
        counts.takes += 1;
        const found = due.filter(({ at }) => at <= clock.now()).slice(0, limit);
        for (const one of found) due.splice(due.indexOf(one), 1);
        return found.map(({ id }): TakenAlert => ({ alert: { id } as unknown as Alert, attempt: 1 }));
      },
      actOnAlert: async ({ alert }) => {
        acting.push(alert.id);
        await new Promise<void>((resolve, reject) =>
          ends.set(alert.id, (error) => (error === undefined ? resolve() : reject(error))),
        );
      },
    },
  });
  const add = (id: string, afterSeconds = 0): void => void due.push({ id, at: addSeconds(clock.now(), afterSeconds) });
  return { clock, service, counts, asked, looked, acting, ends, failures, add };
}

test('while no alert is open it hears of no commits, and looks now and then', async () => {
  const { clock, service, counts, asked } = world();
  await clock.advance(0);
  for (let index = 0; index < 100; index += 1) {
    service.wake();
    await clock.advance(0.01);
  }
  assert.deepEqual([counts, asked], [{ looks: 1, takes: 0 }, []]);
  await clock.advance(5);
  assert.deepEqual(counts, { looks: 2, takes: 0 });
  await service.stop();
});

test('alerts are taken when they are due; successes are looked for from where it had come to', async () => {
  const { clock, service, counts, asked, looked, acting, ends, add } = world();
  add('later', 3);
  looked.push({ seq: 500, isBehind: true }, { seq: 600, isBehind: false });
  await clock.advance(0);
  await clock.advance(0);
  assert.deepEqual([asked, acting], [[null, 500], []]);
  service.wake();
  await clock.advance(0.1);
  assert.equal(asked.at(-1), 600);
  await clock.advance(2);
  assert.deepEqual(acting, []);
  await clock.advance(1);
  assert.deepEqual(acting, ['later']);
  assert.equal(counts.takes, 1);
  for (let index = 0; index < 12; index += 1) add(`a${index}`);
  ends.get('later')?.();
  await clock.advance(0);
  await clock.advance(0.1);
  assert.equal(acting.length, 9, 'eight at a time');
  ends.get('a0')?.();
  await clock.advance(0);
  await clock.advance(0);
  assert.equal(acting.length, 10, 'at once');
  for (const end of ends.values()) end();
  await clock.advance(0);
  await clock.advance(0.1);
  for (const end of ends.values()) end();
  await clock.advance(0);
  assert.equal(acting.length, 13);
  await service.stop();
});

test('one that fails is told of, and stops no other; one that hangs does not keep the server', async () => {
  const { clock, service, acting, ends, failures, add } = world();
  add('fails');
  add('hangs');
  await clock.advance(0);
  ends.get('fails')?.(new Error('no disk'));
  await clock.advance(0);
  assert.deepEqual([acting, failures], [['fails', 'hangs'], ['Alert fails could not be acted on']]);
  const stopped = service.stop();
  await clock.advance(0);
  await clock.advance(5);
  await stopped;
});

test('alerts that are over are forgotten, page by page', async () => {
  const asked: Instant[] = [];
  const answers = [500, 3];
  const deleteAlertsBefore = (before: Instant): number => {
    asked.push(before);
    return answers.shift() ?? 0;
  };
  assert.equal(await forgetAlerts({ deleteAlertsBefore }, START), 503);
  assert.deepEqual(asked, [addSeconds(START, -ALERTS_KEPT_SECONDS), addSeconds(START, -ALERTS_KEPT_SECONDS)]);
});
