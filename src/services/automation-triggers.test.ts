import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Automation } from '../core/automation.ts';
import { addSeconds, type Instant } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { VirtualClock } from '../testing/virtual-clock.ts';
import { TriggerService } from './automation-triggers.ts';

type Stepped = Awaited<ReturnType<UseCases['stepAutomations']>>;

const START = 1_767_225_600_000_000 as Instant;
const QUIET: NonNullable<Stepped> = { answer: null, isBehind: false, nextAt: null, missedThrough: null };

function world(answer: (look: number) => Stepped) {
  const clock = new VirtualClock(START, 'manual');
  const told: string[] = [];
  /** In milliseconds after the start. */
  const looks: number[] = [];
  const service = new TriggerService({
    clock,
    hash: () => '',
    useCases: {
      stepAutomations() {
        looks.push(Math.floor((clock.now() - START) / 1000));
        return answer(looks.length);
      },
    },
    onFailure: (message, error) => told.push(`${message}: ${String(error)}`),
    onNotice: (message) => told.push(message),
  });
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 10) await clock.advance(Math.min(10, left) / 1000);
  };
  return { service, looks, told, pass };
}

test('it looks at once, when something is committed, when a window ends, and each second', async () => {
  const { service, looks, pass } = world((look) => (look === 3 ? { ...QUIET, nextAt: addSeconds(START, 1.3) } : QUIET));
  await pass(1010);
  service.wake();
  service.wake();
  await pass(10);
  await pass(500);
  assert.deepEqual(looks, [0, 1000, 1010, 1300]);
  await pass(1000);
  assert.deepEqual(looks.slice(4), [2300]);
  await service.stop();
  service.wake();
  await pass(5000);
  assert.equal(looks.length, 5);
});

test('while no automation is enabled, commits do not wake it', async () => {
  const { service, looks, pass } = world((look) => (look < 3 ? null : QUIET));
  await pass(10);
  service.wake();
  await pass(900);
  assert.deepEqual(looks, [0]);
  await pass(2000);
  service.wake();
  await pass(50);
  assert.equal(looks.length, 4);
  await service.stop();
});

test('it goes on at once while it is behind, and after a failure, of which it tells', async () => {
  const { service, looks, told, pass } = world((look) => {
    if (look === 3) throw new Error('no store');
    return { ...QUIET, isBehind: look < 3 };
  });
  await pass(1100);
  assert.deepEqual(looks, [0, 0, 0, 1000]);
  assert.deepEqual(told, ['The service for triggers of automations failed: Error: no store']);
  await service.stop();
});

test('it tells of automations that were stopped, and of events that were missed', async () => {
  const stopped = [{ name: 'echo', id: '1' } as Automation];
  const { service, told, pass } = world((look) =>
    look > 1 ? QUIET : { ...QUIET, answer: { firingCount: 0, stopped }, missedThrough: 7 },
  );
  await pass(10);
  assert.deepEqual(told, [
    'Automations did not see events up to number 7: they were removed before.',
    "Automation 'echo' (1) set itself off again and again, and was disabled.",
  ]);
  await service.stop();
});
