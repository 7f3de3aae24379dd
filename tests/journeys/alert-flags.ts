/** What the flags of alerts change, for the walk over all flags. */
import { join } from 'node:path';

import type { Alert } from '../../src/core/alerts/alert.ts';
import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import { makeAlert } from '../conformance/samples.ts';
import type { FlagWorld } from './flag-world.ts';
import { of, type Case } from './flag-observations.ts';

type World = () => FlagWorld;

/** Of an alert that is open. */
async function alert(world: World, more: Partial<Alert> = {}): Promise<string> {
  const storage = openSqliteStorage({ path: join(world().place.home, 'ostinato.db') });
  const made = makeAlert(more);
  await storage.changeAlert({ id: made.id }, () => ({ alert: made, dueAt: null, answer: null }));
  storage.close();
  return made.id;
}

type Shown = Readonly<Record<string, unknown>>;

export function alertCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  const listed = async (flag: readonly string[]): Promise<readonly Shown[]> =>
    await world().json<readonly Shown[]>(['alert', 'ls', ...flag]);
  return {
    'alert ls': {
      '--limit': of(['1'], async (flag) => {
        await alert(world);
        await alert(world);
        return (await listed(flag)).length;
      }),
      '--state': of(['closed'], async (flag) => {
        await alert(world);
        await alert(world, { state: 'closed', closedAt: 1 as Alert['closedAt'] });
        return [...new Set((await listed(flag)).map(({ state }) => state))];
      }),
    },
    'alert ack': {
      '--by': of(['Ada'], async (flag) => {
        const words = ['alert', 'ack', await alert(world), ...flag];
        return (await world().json<Shown>(words))['acknowledged_by'];
      }),
    },
    'alert snooze': {
      '--for': of(['0'], async (flag) => {
        const words = ['alert', 'snooze', await alert(world), ...flag];
        return (await world().json<Shown>(words))['snoozed_until'] === null;
      }),
    },
  };
}

export function alertOutputs(
  world: World,
): Readonly<Record<string, readonly string[] | (() => Promise<readonly string[]>)>> {
  const one = async (): Promise<readonly string[]> => [await alert(world)];
  return { 'alert ls': [], 'alert inspect': one, 'alert ack': one, 'alert snooze': one, 'alert close': one };
}
