/** `ostinato work-queue`. */

import type { PoolClient } from '../client/control/pools.ts';
import type { WorkQueue } from '../contract/work-queue.ts';
import type { BothViews } from '../contract/wire-json.ts';
import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { shellWord } from '../core/shell-word.ts';
import { AGENT_POOL_NAME } from '../core/work-pool.ts';
import type { CreateQueueOptions, QueueOptions } from './commands/work-queue.ts';
import { confirmDeletion } from './confirm.ts';
import { timeOf } from './format.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';
import { agoOf, pausedFacts, requirePool, slotsOf, statusOf, withPools } from './work-pools.ts';

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;

/** @param pool `null`: of all */
export async function listQueues(
  terminal: Terminal,
  pool: string | null,
  limit: number,
  output: OutputOptions['output'],
): Promise<void> {
  await withPools(terminal, async (pools, now) => {
    if (pool !== null) await requirePool(pools, pool);
    const found = await pools.listQueues(pool, { limit });
    const columns: Column<WorkQueue>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'POOL', text: ({ work_pool_name: name }) => name, shrinks: true, drops: 4 },
      { title: 'PRIORITY', text: ({ priority }) => String(priority), align: 'right', drops: 3 },
      { title: 'STATUS', text: statusOf },
      { title: 'RUNS', text: slotsOf, drops: 2 },
      { title: 'ASKED', text: ({ last_polled: at }) => (at === null ? 'never' : agoOf(at, now)), drops: 1 },
    ];
    printRows(terminal, output, found, {
      columns,
      none: 'No work queues yet. Make one with: ostinato work-queue create NAME',
    });
  });
}

export async function inspectQueue(terminal: Terminal, name: string, { pool, output }: QueueOptions): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain, exact } = await requireQueue(pools, pool, name);
    printResult(terminal, output, exact, () =>
      renderFacts(
        [
          ['id', plain.id],
          ['name', plain.name],
          ['pool', plain.work_pool_name],
          ['description', plain.description ?? ''],
          ['priority', String(plain.priority)],
          ['status', statusOf(plain)],
          ...pausedFacts(plain),
          ['runs', slotsOf(plain)],
          ['asked', plain.last_polled === null ? 'never' : timeOf(plain.last_polled)],
          ['created', timeOf(plain.created)],
          ['updated', timeOf(plain.updated)],
        ],
        terminal,
      ),
    );
  });
}

export async function createQueue(terminal: Terminal, name: string, options: CreateQueueOptions): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { pool, description, concurrencyLimit, priority, paused } = options;
    if (pool !== AGENT_POOL_NAME) await requirePool(pools, pool);
    const { exact } = await pools.createQueue(pool, {
      name,
      ...(description === undefined ? {} : { description }),
      ...(concurrencyLimit === undefined ? {} : { concurrency_limit: concurrencyLimit }),
      ...(priority === undefined ? {} : { priority }),
      ...(paused === true ? { is_paused: true } : {}),
    });
    printResult(terminal, options.output, exact, () => `Made work queue ${name} in pool ${pool}.`);
  });
}

export async function pauseQueue(
  terminal: Terminal,
  name: string,
  isPaused: boolean,
  { pool, output }: QueueOptions,
): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain } = await requireQueue(pools, pool, name);
    await pools.pauseQueue(plain.id, isPaused);
    printResult(terminal, output, { id: plain.id, name, work_pool_name: pool, is_paused: isPaused }, () =>
      isPaused
        ? `Work queue ${name} of pool ${pool} is paused: nothing is taken from it.`
        : `Work queue ${name} of pool ${pool} goes on.`,
    );
  });
}

export async function deleteQueue(
  terminal: Terminal,
  name: string,
  { pool, output, yes }: QueueOptions & { readonly yes?: boolean },
): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain } = await requireQueue(pools, pool, name);
    if (yes !== true && !(await confirmDeletion(terminal, `work queue ${name} of pool ${pool}`))) return;
    await pools.removeQueue(plain.id);
    printResult(terminal, output, { id: plain.id, name, work_pool_name: pool }, () => `Work queue ${name} is deleted.`);
  });
}

/** @throws `not-found`: the pool or the queue, with what may be meant */
async function requireQueue(pools: PoolClient, pool: string, name: string): Promise<BothViews<WorkQueue>> {
  await requirePool(pools, pool);
  const found = await pools.readQueue(pool, name);
  if (found !== null) return found;
  const names = (await pools.listQueues(pool, { limit: NAMES_MAX })).map(({ plain }) => plain.name);
  throw new OstinatoError('not-found', `There is no work queue "${name}" in pool ${pool}.${didYouMean(name, names)}`, {
    remedy: `Take a name from: ostinato work-queue ls --pool ${shellWord(pool)}`,
  });
}
