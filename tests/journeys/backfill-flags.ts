/** What the flags of backfills change, for the walk over all flags. Nobody takes their runs. */
import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case, type Observe } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = () => Promise<readonly string[]>;

/** @returns its name */
async function deployed(world: World, schedules: readonly object[] = [{ slug: 'morning' }]): Promise<string> {
  const name = fresh('deployment');
  const { id } = await world().post('/flows/', { name: 'backfilled' });
  await world().post('/deployments/', {
    name,
    flow_id: id,
    // Only a server can check them.
    enforce_parameter_schema: false,
    parameter_openapi_schema: { type: 'object', properties: { day: { type: 'string' } } },
    schedules: schedules.map((each) => ({ schedule: { cron: '0 9 * * *', timezone: 'UTC' }, active: false, ...each })),
  });
  return name;
}

const FROM = ['--from', '2026-01-01'];
const RANGE = [...FROM, '--to', '2026-01-04'];

/** @returns its name */
async function begun(world: World, more: readonly string[] = []): Promise<string> {
  const name = fresh('backfill');
  await world().call(['deployment', 'backfill', await deployed(world), ...RANGE, '--name', name, ...more]);
  return name;
}

/** What is told beforehand. */
const planned =
  (world: World, words: readonly string[] = RANGE): Observe =>
  async (flag) => {
    const typed = ['deployment', 'backfill', await deployed(world), ...words, '--dry-run', ...flag];
    const { exitCode, stdout } = await world().call(typed);
    return [exitCode, stdout];
  };

/** What is begun, without what differs anyway. */
const made =
  (world: World, look: (told: Readonly<Record<string, unknown>>) => unknown): Observe =>
  async (flag) => {
    const words = ['deployment', 'backfill', await deployed(world), ...RANGE, ...flag];
    return look(await world().json<Record<string, unknown>>(words));
  };

/** Of two schedules, one is named. */
const chosen =
  (world: World): Observe =>
  async (flag) => {
    const name = await deployed(world, [{ slug: 'one' }, { slug: 'two' }]);
    return (await world().call(['deployment', 'backfill', name, ...RANGE, '--dry-run', ...flag])).exitCode;
  };

/** Slots that have all had a run. */
const rerun =
  (world: World): Observe =>
  async (flag) => {
    const name = await deployed(world);
    await world().call(['deployment', 'backfill', name, ...RANGE, '--name', name, '--concurrency', '9']);
    await world().call(['backfill', 'abort', name]);
    return (await world().call(['deployment', 'backfill', name, ...RANGE, '--dry-run', ...flag])).stdout;
  };

/** One of which everything is left out has ended when it has begun. */
const watched =
  (world: World): Observe =>
  async (flag) => {
    const name = await deployed(world);
    await world().call(['deployment', 'backfill', name, ...RANGE, '--name', name, '--concurrency', '9']);
    const words = ['deployment', 'backfill', name, ...RANGE, '--name', `${name}-2`, ...flag];
    return (await world().call(words)).stdout.includes('Follow it with');
  };

/** A run of it has begun. */
const aborted =
  (world: World): Observe =>
  async (flag) => {
    const name = await begun(world);
    const { slots } = await world().json<{ slots: { flow_run_id: string }[] }>(['backfill', 'inspect', name]);
    const id = String(slots[0]?.flow_run_id);
    await world().post(`/flow_runs/${id}/set_state`, { state: { type: 'RUNNING' }, force: true });
    await world().call(['backfill', 'abort', name, ...flag]);
    return (await world().json<{ state: { type: string } }>(['flow-run', 'inspect', id])).state.type;
  };

export function backfillCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  const stable = ({ schedule, order, concurrency, rerun: which, parameters }: Readonly<Record<string, unknown>>) => [
    schedule,
    order,
    concurrency,
    which,
    parameters,
  ];
  return {
    'deployment backfill': {
      '--from': of(['2026-01-01'], planned(world, [])),
      '--to': of(['2026-01-02'], planned(world, FROM)),
      '--schedule': of(['two'], chosen(world)),
      '--cron': of(['0 12 * * *'], planned(world)),
      '--interval': of(['12h'], planned(world)),
      '--timezone': of(['Europe/Berlin'], planned(world, [...RANGE, '--cron', '0 12 * * *'])),
      '--order': of(['newest'], planned(world)),
      '--concurrency': of(['2'], made(world, stable)),
      '--rerun': of(['failed'], rerun(world)),
      '--param': of(['day={{ slot.date }}'], made(world, stable)),
      '--params': of(['{"day": "{{ slot.start }}"}'], made(world, stable)),
      '--name': of(
        [fresh('named')],
        made(world, ({ name }) => String(name).startsWith('named')),
      ),
      '--dry-run': of(
        [],
        made(world, ({ total }) => total === 3),
      ),
      '--watch': of([], watched(world)),
    },
    'backfill ls': {
      '--deployment': of(
        ['backfilled/nothing'],
        async (flag) => (await world().call(['backfill', 'ls', ...flag])).exitCode,
      ),
      '--limit': of(['1'], async (flag) => {
        for (const _ of [1, 2]) await begun(world);
        return (await world().json<unknown[]>(['backfill', 'ls', ...flag])).length > 1;
      }),
    },
    'backfill inspect': {
      '--limit': of(['1'], async (flag) =>
        (await world().call(['backfill', 'inspect', await begun(world), ...flag])).stdout.includes('more'),
      ),
    },
    'backfill abort': { '--running': of([], aborted(world)) },
  };
}

/** Each as it is called for its JSON. */
export function backfillOutputs(world: World): Readonly<Record<string, Words>> {
  const ended = async (): Promise<readonly string[]> => {
    const name = await begun(world);
    await world().call(['backfill', 'abort', name]);
    return [name];
  };
  return {
    'deployment backfill': async () => [await deployed(world), ...RANGE],
    'backfill ls': async () => [],
    'backfill inspect': async () => [await begun(world)],
    'backfill watch': ended,
    'backfill pause': async () => [await begun(world)],
    'backfill resume': async () => [await begun(world)],
    'backfill abort': async () => [await begun(world)],
  };
}
