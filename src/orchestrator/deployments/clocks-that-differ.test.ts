import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Instant } from '../../core/time.ts';
import { seededRandom } from '../../platform/random.ts';
import { openSqliteStorage } from '../../store/dialect/sqlite/index.ts';
import { createSeededIds } from '../../testing/seeded-ids.ts';
import { createUseCases, type UseCases } from '../use-cases.ts';

const MINUTE_US = 60_000_000;
const STARTED_AT = 1_790_000_000_000_000;

/** Two servers of one store; the clock of the second is behind. */
async function twoServers(behindMinutes: number) {
  const storage = openSqliteStorage({ path: ':memory:' });
  let now = STARTED_AT;
  const serverOf = (skewUs: number, seed: number): UseCases => {
    const clock = { now: () => ((now += 1) + skewUs) as Instant };
    const random = seededRandom(seed);
    const ids = createSeededIds(clock, random);
    const liveness = () => ({ alive: true, evidence: 'It answers.' });
    return createUseCases({ storage, clock, ids, random, liveness });
  };
  const [right, behind] = [serverOf(0, 1), serverOf(-behindMinutes * MINUTE_US, 2)];
  const { flow } = await right.ensureFlow({ name: 'sales', tags: [], labels: {} });
  const schedule = { kind: 'interval', interval: 60, anchorDate: STARTED_AT as Instant, timezone: null } as const;
  const { deployment } = await right.createDeployment({
    flowId: flow.id,
    name: 'often',
    fields: {},
    schedules: [{ schedule, slug: 'a', policy: { catchUp: 'all' } }],
    creator: null,
  });
  return {
    id: deployment.id,
    right,
    behind,
    storage,
    async pass(minutes: number): Promise<void> {
      for (let minute = 0; minute < minutes; minute += 1) {
        now += MINUTE_US;
        await right.scheduleAhead(100);
      }
    },
    /** Minutes since the beginning of the slots that have an entry and are past. */
    async told(): Promise<readonly number[]> {
      const slots = await storage.listSlots(deployment.id, { before: now as Instant, limit: 1000 });
      return slots.map(({ slot }) => (slot.dueAt - STARTED_AT) / MINUTE_US).toSorted((a, b) => a - b);
    },
  };
}

const DEEDS: Readonly<Record<string, (server: UseCases, id: Parameters<UseCases['pauseDeployment']>[0]) => unknown>> = {
  pause: (server, id) => server.pauseDeployment(id),
  'another parameter': (server, id) => server.updateDeployment(id, { fields: { parameters: '{"x":1}' } }),
};

for (const [what, deed] of Object.entries(DEEDS))
  void test(`a server whose clock is behind forgets no slot that another one has seen to: ${what}`, async () => {
    const world = await twoServers(7);
    await world.right.scheduleAhead(100);
    await world.pass(10);
    await deed(world.behind, world.id);
    await world.right.resumeDeployment(world.id);
    await world.pass(5);
    assert.deepEqual(
      await world.told(),
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
    world.storage.close();
  });
