/** What the flags of pools, queues and the list of workers change, for the walk over all flags. */
import { fresh, type FlagWorld } from './flag-world.ts';
import { of, type Case, type Observe } from './flag-observations.ts';

type World = () => FlagWorld;
type Words = readonly string[] | (() => Promise<readonly string[]>);

async function pool(world: World): Promise<string> {
  const name = fresh('pool');
  await world().post('/work_pools/', { name, type: 'process' });
  return name;
}

/** @returns the words that name it */
async function queue(world: World): Promise<readonly string[]> {
  const name = fresh('queue');
  const of_ = await pool(world);
  await world().post(`/work_pools/${of_}/queues`, { name });
  return [name, '--pool', of_];
}

/** What was made with the flag, without what differs anyway. */
const made =
  (world: World, words: () => Promise<readonly string[]>): Observe =>
  async (flag) => {
    const row = await world().json<Record<string, unknown>>([...(await words()), ...flag]);
    return Object.fromEntries(
      Object.entries(row).filter(([name]) => !/^(id|created|updated|name|work_pool_.*|default_queue_id)$/.test(name)),
    );
  };

const newQueue =
  (world: World): (() => Promise<readonly string[]>) =>
  async () => ['work-queue', 'create', fresh('queue'), '--pool', await pool(world)];

/** Of a queue that is in a pool of its own, asked for with its pool and without. */
const inPool =
  (world: World, word: string, more: readonly string[] = []): Observe =>
  async (flag) => {
    const [name = '', , of_ = ''] = await queue(world);
    const given = flag.length === 0 ? [] : [flag[0] ?? '', of_];
    return (await world().call(['work-queue', word, name, ...more, ...given])).exitCode;
  };

const deleted =
  (world: World, words: () => Promise<readonly string[]>): Observe =>
  async (flag) =>
    (await world().call([...(await words()), ...flag])).exitCode;

const rows =
  (world: World, words: readonly string[]): Observe =>
  async (flag) =>
    (await world().json<readonly unknown[]>([...words, ...flag])).length;

/** Two pools with two workers each. */
const workers =
  (world: World): Observe =>
  async (flag) => {
    const names = [await pool(world), await pool(world)];
    for (const name of names)
      for (const worker of ['one', 'two'])
        await world().post(`/work_pools/${name}/workers/heartbeat`, { name: `${name}-${worker}` });
    const given = flag.length > 0 && flag[0] !== '--limit' ? [flag[0] ?? '', names[0] ?? ''] : flag;
    return (await world().json<readonly unknown[]>(['worker', 'ls', ...given])).length;
  };

export function poolCases(world: World): Readonly<Record<string, Readonly<Record<string, Case>>>> {
  const newPool = async () => ['work-pool', 'create', fresh('pool')];
  return {
    'work-pool ls': {
      '--limit': of(['1'], async (flag) => {
        await pool(world);
        await pool(world);
        return await rows(world, ['work-pool', 'ls'])(flag);
      }),
    },
    'work-pool create': {
      '--type': of(['docker'], made(world, newPool)),
      '--description': of(['what it is for'], made(world, newPool)),
      '--concurrency-limit': of(['3'], made(world, newPool)),
      '--paused': of([], made(world, newPool)),
    },
    'work-pool delete': {
      '--yes': of(
        [],
        deleted(world, async () => ['work-pool', 'delete', await pool(world)]),
      ),
    },
    'work-queue ls': {
      '--pool': of(['default-agent-pool'], async (flag) => {
        await queue(world);
        await world().call(['work-queue', 'create', fresh('queue')]);
        const found = await world().json<{ work_pool_name: string }[]>(['work-queue', 'ls', ...flag]);
        return found.every(({ work_pool_name: name }) => name === 'default-agent-pool');
      }),
      '--limit': of(['1'], async (flag) => {
        await queue(world);
        return await rows(world, ['work-queue', 'ls'])(flag);
      }),
    },
    'work-queue inspect': { '--pool': of(['a pool'], inPool(world, 'inspect')) },
    'work-queue pause': { '--pool': of(['a pool'], inPool(world, 'pause')) },
    'work-queue resume': { '--pool': of(['a pool'], inPool(world, 'resume')) },
    'work-queue delete': {
      '--pool': of(['a pool'], inPool(world, 'delete', ['-y'])),
      '--yes': of(
        [],
        deleted(world, async () => ['work-queue', 'delete', ...(await queue(world))]),
      ),
    },
    'work-queue create': {
      '--pool': of(['a pool'], async (flag) => {
        const given = flag.length === 0 ? [] : [flag[0] ?? '', await pool(world)];
        const row = await world().json<Record<string, unknown>>(['work-queue', 'create', fresh('queue'), ...given]);
        return row['work_pool_name'] === 'default-agent-pool';
      }),
      '--description': of(['what it is for'], made(world, newQueue(world))),
      '--concurrency-limit': of(['3'], made(world, newQueue(world))),
      '--priority': of(['1'], made(world, newQueue(world))),
      '--paused': of([], made(world, newQueue(world))),
    },
    'worker ls': { '--pool': of(['a pool'], workers(world)), '--limit': of(['1'], workers(world)) },
  };
}

/** Each as it is called for its JSON. */
export function poolOutputs(world: World): Readonly<Record<string, Words>> {
  return {
    'work-pool ls': [],
    'work-pool inspect': async () => [await pool(world)],
    'work-pool create': async () => [fresh('pool')],
    'work-pool pause': async () => [await pool(world)],
    'work-pool resume': async () => [await pool(world)],
    'work-pool set-concurrency-limit': async () => [await pool(world), '2'],
    'work-pool delete': async () => ['-y', await pool(world)],
    'work-queue ls': [],
    'work-queue inspect': () => queue(world),
    'work-queue create': async () => [fresh('queue')],
    'work-queue pause': () => queue(world),
    'work-queue resume': () => queue(world),
    'work-queue delete': async () => ['-y', ...(await queue(world))],
    'worker ls': [],
  };
}
