/** `ostinato work-pool`, and the list of workers. */

import { poolsOf, type PoolClient } from '../client/control/pools.ts';
import { templateIn } from '../client/control/work-pools.ts';
import { jobTemplateFor } from '../contract/job-templates.ts';
import type { PausedBy } from '../contract/paused.ts';
import type { WorkPool } from '../contract/work-pool.ts';
import type { Worker } from '../contract/worker.ts';
import type { BothViews } from '../contract/wire-json.ts';
import { byWhom } from '../core/actor.ts';
import { OstinatoError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { parseInstant, type Instant } from '../core/time.ts';
import type { CreatePoolOptions } from './commands/work-pool.ts';
import type { WorkerListOptions } from './commands/worker.ts';
import { confirmDeletion } from './confirm.ts';
import { showAgo, timeOf } from './format.ts';
import { jobVariablesType } from './job-variables.ts';
import { withPlane } from './open-plane.ts';
import { printResult, type OutputOptions } from './output.ts';
import { printRows, renderFacts, renderTable, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

type Output = OutputOptions['output'];

/** Names that a mistyped one is compared with. */
const NAMES_MAX = 1000;
const QUEUES_SHOWN = 200;

export async function withPools<T>(
  terminal: Terminal,
  work: (pools: PoolClient, now: Instant) => Promise<T>,
): Promise<T> {
  return await withPlane(terminal, ({ plane, clock }) => work(poolsOf(plane), clock.now()));
}

export async function listPools(terminal: Terminal, limit: number, output: Output): Promise<void> {
  await withPools(terminal, async (pools) => {
    const found = await pools.listPools({ limit });
    const columns: Column<WorkPool>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'TYPE', text: ({ type }) => type, shrinks: true, drops: 3 },
      { title: 'STATUS', text: statusOf },
      { title: 'RUNS', text: slotsOf, drops: 1 },
      { title: 'DESCRIPTION', text: ({ description }) => description ?? '', shrinks: true, drops: 4 },
    ];
    printRows(terminal, output, found, {
      columns,
      none: 'No work pools yet. Make one with: ostinato work-pool create NAME',
    });
  });
}

/** Of a pool or a queue. */
export function statusOf({ status, is_paused: isPaused }: Pick<WorkPool, 'status' | 'is_paused'>): string {
  if (isPaused) return 'paused';
  return status === 'READY' ? 'ready' : 'no worker';
}

/** By whom, and when; nothing where it is not paused, or nobody knows. */
export function pausedFacts({ paused_by: pause }: { readonly paused_by?: PausedBy }): [string, string][] {
  return pause === undefined ? [] : [['paused', `${timeOf(pause.at)}${byWhom(pause)}`]];
}

/** How many are under way, of how many. */
export function slotsOf(row: {
  readonly active_slots: number | null;
  readonly concurrency_limit: number | null;
}): string {
  return row.concurrency_limit === null ? 'no limit' : `${row.active_slots ?? 0} of ${row.concurrency_limit}`;
}

export async function inspectPool(terminal: Terminal, name: string, output: Output): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain, exact } = await requirePool(pools, name);
    const queues = await pools.listQueues(name, { limit: QUEUES_SHOWN });
    printResult(terminal, output, exact, () =>
      renderFacts(
        [
          ['id', plain.id],
          ['name', plain.name],
          ['type', plain.type],
          ['description', plain.description ?? ''],
          ['status', statusOf(plain)],
          ...pausedFacts(plain),
          ['runs', slotsOf(plain)],
          ['job variables', jobVariablesType(plain)],
          ...queues.map(({ plain: queue }): [string, string] => [
            'queue',
            `${queue.name}, priority ${queue.priority}${queue.is_paused ? ', paused' : ''}`,
          ]),
          ['created', timeOf(plain.created)],
          ['updated', timeOf(plain.updated)],
        ],
        terminal,
      ),
    );
  });
}

export async function createPool(terminal: Terminal, name: string, options: CreatePoolOptions): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { type, description, concurrencyLimit, paused } = options;
    const { exact } = await pools.createPool({
      name,
      type,
      ...templateIn(jobTemplateFor(type)),
      ...(description === undefined ? {} : { description }),
      ...(concurrencyLimit === undefined ? {} : { concurrency_limit: concurrencyLimit }),
      ...(paused === true ? { is_paused: true } : {}),
    });
    printResult(terminal, options.output, exact, () => `Made work pool ${name}, of type ${type}.`);
  });
}

export async function pausePool(terminal: Terminal, name: string, isPaused: boolean, output: Output): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain } = await requirePool(pools, name);
    await pools.updatePool(name, { is_paused: isPaused });
    printResult(terminal, output, { id: plain.id, name, is_paused: isPaused }, () =>
      isPaused ? `Work pool ${name} is paused: nothing is taken from it.` : `Work pool ${name} goes on.`,
    );
  });
}

/** @param count `null`: any number */
export async function limitPool(terminal: Terminal, name: string, count: number | null, output: Output): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain } = await requirePool(pools, name);
    await pools.updatePool(name, { concurrency_limit: count });
    printResult(terminal, output, { id: plain.id, name, concurrency_limit: count }, () =>
      count === null
        ? `Any number of runs of work pool ${name} may be under way.`
        : `At most ${count} runs of work pool ${name} are under way at once.`,
    );
  });
}

export async function deletePool(
  terminal: Terminal,
  name: string,
  { output, yes }: OutputOptions & { readonly yes?: boolean },
): Promise<void> {
  await withPools(terminal, async (pools) => {
    const { plain } = await requirePool(pools, name);
    if (yes !== true && !(await confirmDeletion(terminal, `work pool ${name}`, ' with its queues'))) return;
    await pools.removePool(name);
    printResult(terminal, output, { id: plain.id, name }, () => `Work pool ${name} is deleted.`);
  });
}

/** @throws `not-found`, with what may be meant */
export async function requirePool(pools: PoolClient, name: string): Promise<BothViews<WorkPool>> {
  const found = await pools.readPool(name);
  if (found !== null) return found;
  const names = (await pools.listPools({ limit: NAMES_MAX })).map(({ plain }) => plain.name);
  throw new OstinatoError('not-found', `There is no work pool "${name}".${didYouMean(name, names)}`, {
    remedy:
      names.length === 0 ? 'Make one with: ostinato work-pool create NAME' : 'Take a name from: ostinato work-pool ls',
  });
}

interface Listed extends Worker {
  readonly pool: string;
}

export async function listWorkers(terminal: Terminal, { pool, limit, output }: WorkerListOptions): Promise<void> {
  await withPools(terminal, async (pools, now) => {
    const of = pool === undefined ? await pools.listPools({ limit: NAMES_MAX }) : [await requirePool(pools, pool)];
    const rows: Listed[] = [];
    const exact: object[] = [];
    for (const { plain } of of)
      for (const each of await pools.listWorkers(plain.name, { limit })) {
        rows.push({ ...each.plain, pool: plain.name });
        exact.push(each.exact);
      }
    const columns: Column<Listed>[] = [
      { title: 'NAME', text: ({ name }) => name, is: 'whole' },
      { title: 'POOL', text: ({ pool: name }) => name, shrinks: true, drops: 2 },
      { title: 'STATUS', text: ({ status }) => status.toLowerCase() },
      { title: 'HEARD OF', text: ({ last_heartbeat_time: at }) => agoOf(at, now), drops: 1 },
    ];
    printResult(terminal, output, exact, () =>
      rows.length === 0 ? 'No workers. Start one with: ostinato worker start' : renderTable(rows, columns, terminal),
    );
  });
}

export function agoOf(text: string, now: Instant): string {
  const at = parseInstant(text);
  return at === null ? '' : showAgo(at, now);
}
