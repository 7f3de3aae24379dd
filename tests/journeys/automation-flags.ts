/** What the flags of automations change, for the walk over all flags. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { openSqliteStorage } from '../../src/store/dialect/sqlite/index.ts';
import type { AutomationId } from '../../src/core/automation.ts';
import { alertCases, alertOutputs } from './alert-flags.ts';
import { makeActionOrder, newInstant } from '../conformance/samples.ts';
import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case, type Observe } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = readonly string[] | (() => Promise<readonly string[]>);

async function automation(world: World): Promise<{ readonly id: string; readonly name: string }> {
  const name = fresh('automation');
  const trigger = { type: 'event', posture: 'Reactive', expect: ['x'] };
  const { id } = await world().post('/automations/', { name, trigger, actions: [{ type: 'do-nothing' }] });
  return { id: String(id), name };
}

/** One that has ordered two actions. */
async function acting(world: World): Promise<string> {
  const { id, name } = await automation(world);
  const storage = openSqliteStorage({ path: join(world().place.home, 'ostinato.db') });
  const orders = [0, 1].map((index) => makeActionOrder(id as AutomationId, index));
  await storage.insertActionOrders(orders, newInstant());
  storage.close();
  return name;
}

const FILE = 'automation-flag.yaml';

/** A file with one that is not there yet. @returns its name */
function writeFile(world: World, name = fresh('automation')): string {
  const text = JSON.stringify({ name, trigger: { expect: ['x'] }, actions: [{ type: 'do-nothing' }] });
  writeFileSync(join(world().place.project, FILE), text);
  return name;
}

/** Without its file it has nothing to do. */
const ofFile = (world: World, words: () => Promise<readonly string[]>): Case =>
  of([FILE], async (flag) => {
    const before = await words();
    writeFile(world);
    return (await world().call(['automation', ...before, ...flag])).exitCode;
  });

const applied =
  (world: World): Observe =>
  async (flag) => {
    const name = writeFile(world);
    await world().call(['automation', 'apply', '--from-file', FILE, ...flag]);
    return (await world().call(['automation', 'inspect', name])).exitCode;
  };

interface Told {
  readonly fired: number;
  readonly firings: readonly { readonly id: string; readonly event: { readonly id: string } }[];
  readonly verdicts: readonly unknown[];
}

/** One that looks at flow runs that are made from now on, and two of them. */
async function fired(world: World) {
  const flow = fresh('flow');
  const { id: flowId } = await world().post('/flows/', { name: flow });
  const related = { 'prefect.resource.role': 'flow', 'prefect.resource.name': flow };
  const trigger = { type: 'event', posture: 'Reactive', expect: ['prefect.flow-run.Running'], match_related: related };
  const name = fresh('automation');
  await world().post('/automations/', { name, trigger, actions: [] });
  for (let count = 0; count < 2; count += 1)
    await world().post('/flow_runs/', { flow_id: flowId, state: { type: 'RUNNING' } });
  const { firings } = await world().json<Told>(['automation', 'why', name]);
  return { name, firings };
}

const firedFrom =
  (world: World, command: 'test' | 'why', look: (told: Told) => unknown): Observe =>
  async (flag) => {
    const answer = await world().json<Told | readonly Told[]>([
      'automation',
      command,
      (await fired(world)).name,
      ...flag,
    ]);
    return look((Array.isArray(answer) ? answer[0] : answer) as Told);
  };

/** A flag that names something of the automation itself, which is known only then. */
const explained =
  (world: World, pick: (told: Pick<Told, 'firings'>) => string, look: (told: Told) => unknown): Observe =>
  async (flag) => {
    const { name, firings } = await fired(world);
    const words = flag.map((word) => (word === SOME_ID ? pick({ firings }) : word));
    return look(await world().json<Told>(['automation', 'why', name, ...words]));
  };

const SOME_ID = '00000000-0000-4000-8000-000000000000';

export function automationCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  return {
    ...alertCases(world),
    'automation ls': {
      '--limit': of(['1'], async (flag) => {
        await automation(world);
        await automation(world);
        return (await world().json<readonly unknown[]>(['automation', 'ls', ...flag])).length;
      }),
    },
    'automation inspect': {
      '--limit': of(['1'], async (flag) => {
        const words = ['automation', 'inspect', await acting(world), ...flag];
        return (await world().json<{ receipts: readonly unknown[] }>(words)).receipts.length;
      }),
    },
    'automation create': { '--from-file': ofFile(world, async () => ['create']) },
    'automation update': { '--from-file': ofFile(world, async () => ['update', (await automation(world)).name]) },
    'automation apply': { '--from-file': ofFile(world, async () => ['apply']), '--dry-run': of([], applied(world)) },
    'automation test': {
      '--since': of(
        ['2100-01-01'],
        firedFrom(world, 'test', ({ fired: count }) => count),
      ),
      '--until': of(
        ['1d'],
        firedFrom(world, 'test', ({ fired: count }) => count),
      ),
      '--limit': of(
        ['1'],
        firedFrom(world, 'test', ({ firings }) => firings.length),
      ),
    },
    'automation why': {
      '--event': of(
        [SOME_ID],
        explained(
          world,
          ({ firings }) => String(firings[1]?.event.id),
          ({ verdicts, firings }) => [verdicts.length, firings.length],
        ),
      ),
      '--firing': of(
        [SOME_ID],
        explained(
          world,
          ({ firings }) => String(firings[1]?.id),
          ({ firings }) => firings.length,
        ),
      ),
      '--since': of(
        ['2100-01-01'],
        firedFrom(world, 'why', ({ fired: count }) => count),
      ),
      '--limit': of(
        ['1'],
        firedFrom(world, 'why', ({ firings }) => firings.length),
      ),
    },
    'automation delete': {
      '--yes': of([], async (flag) => {
        const { name } = await automation(world);
        return (await world().call(['automation', 'delete', name, ...flag])).exitCode;
      }),
    },
  };
}

export function automationOutputs(world: World): Readonly<Record<string, Words>> {
  const named = async (): Promise<readonly string[]> => [(await automation(world)).name];
  return {
    ...alertOutputs(world),
    'automation ls': [],
    'automation inspect': named,
    'automation export': named,
    'automation test': named,
    'automation why': named,
    'automation create': async () => (writeFile(world), ['--from-file', FILE]),
    'automation apply': async () => (writeFile(world), ['--from-file', FILE]),
    'automation update': async () => {
      const { name } = await automation(world);
      writeFile(world, name);
      return [name, '--from-file', FILE];
    },
    'automation pause': named,
    'automation resume': named,
    'automation delete': async () => ['-y', ...(await named())],
  };
}
