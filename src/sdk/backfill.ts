/** `backfillDeployment(…)`: begins a backfill, and follows it. */

import type { BackfillRequested, BackfillTold } from '../client/control/backfills.ts';
import { findDeployment, type FoundDeployment } from '../client/control/find-deployment.ts';
import { CONCURRENCY_MAX, RERUNS, SLOT_ORDERS, type BackfillId } from '../core/backfills/backfill.ts';
import { OstinatoError } from '../core/errors.ts';
import { sentValues } from '../core/json-value.ts';
import { didYouMean } from '../core/nearest-word.ts';
import { isDuration, sleep } from '../core/time.ts';
import type { EnginePorts } from '../engine/ports.ts';
import { currentFrame } from '../engine/run-context.ts';
import type { Backfill, BackfillOptions } from './backfill-options.ts';
import { checker, checkKeys, isPlainObject, isText } from './check-options.ts';
import { currentPorts } from './runtime.ts';

const KEYS = [
  'from',
  'to',
  'schedule',
  'cron',
  'intervalSeconds',
  'timezone',
  'order',
  'concurrency',
  'rerun',
  'parameters',
  'name',
] as const satisfies readonly (keyof BackfillOptions)[];
const POLL_MS_MIN = 50;
const POLL_MS_MAX = 1000;

export async function startBackfill(word: string, options: BackfillOptions): Promise<Backfill> {
  check(word, options);
  const ports = await currentPorts();
  const { deployments, backfills } = ports.client.control;
  const found = await findDeployment(deployments, word);
  const { to, order, rerun, concurrency, parameters, name } = options;
  const request: BackfillRequested = {
    // Asked for again under it (an answer that was lost) it is the same backfill.
    id: ports.ids.next<BackfillId>(),
    from: timeText(options.from),
    to: to === undefined ? null : timeText(to),
    ...timesOf(found, options),
    order: order ?? null,
    rerun: rerun ?? null,
    concurrency: concurrency ?? null,
    name: name ?? null,
    ...(parameters === undefined ? {} : { parameters: sentValues(parameters) }),
  };
  return handleOf(ports, (await backfills.start(found.plain.id, request)).plain);
}

function timeText(time: string | Date): string {
  return typeof time === 'string' ? time : time.toISOString();
}

function timesOf(
  { plain }: FoundDeployment,
  { cron, intervalSeconds: interval, schedule, timezone }: BackfillOptions,
): Pick<BackfillRequested, 'schedule' | 'schedule_id'> {
  const zone = timezone === undefined ? {} : { timezone };
  if (cron !== undefined) return { schedule: { cron, ...zone } };
  if (interval !== undefined) return { schedule: { interval, ...zone } };
  if (schedule === undefined) return {};
  const { schedules } = plain;
  const named = schedules.find(({ id, slug }) => id === schedule || slug === schedule);
  if (named !== undefined) return { schedule_id: named.id };
  const slugs = schedules.flatMap(({ slug }) => slug ?? []);
  throw new OstinatoError(
    'not-found',
    `Deployment ${plain.name} has no schedule "${schedule}".${didYouMean(schedule, slugs)}`,
    { remedy: 'Give the slug or the id of one that it has, or cron, or intervalSeconds.' },
  );
}

function handleOf(ports: EnginePorts, told: BackfillTold): Backfill {
  const { backfills } = ports.client.control;
  const { id, progress } = told;
  const refreshed = async (asked: Promise<{ readonly plain: BackfillTold }>): Promise<Backfill> =>
    handleOf(ports, (await asked).plain);
  return {
    id,
    name: told.name,
    deployment: told.deployment_name,
    from: new Date(told.from),
    to: new Date(told.to),
    state: told.state,
    reason: told.reason,
    progress: {
      total: progress.total,
      waiting: progress.waiting,
      open: progress.open,
      completed: progress.completed,
      failed: progress.failed,
      crashed: progress.crashed,
      cancelled: progress.cancelled,
      leftOut: progress.left_out,
    },
    refresh: () => refreshed(backfills.read(id)),
    wait: async ({ timeoutSeconds } = {}) => {
      checker(`wait of backfill "${told.name}"`, { timeoutSeconds })('timeoutSeconds', isDuration, DURATION);
      return await ended(ports, id, timeoutSeconds ?? null);
    },
    pause: () => refreshed(backfills.pause(id)),
    resume: () => refreshed(backfills.resume(id)),
    abort: ({ running = false } = {}) => refreshed(backfills.abort(id, running)),
  };
}

const DURATION = 'a number of seconds, 0 or more (at most 100 years)';

/** A flow that is cancelled does not wait on; its backfill goes on. */
async function ended(ports: EnginePorts, id: string, timeoutSeconds: number | null): Promise<Backfill> {
  const { clock, client } = ports;
  const signal = currentFrame()?.scope.signal;
  const until = timeoutSeconds === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() + timeoutSeconds * 1000;
  for (let wait = POLL_MS_MIN; ; wait = Math.min(wait * 2, POLL_MS_MAX)) {
    const { plain } = await client.control.backfills.read(id);
    const left = until - clock.monotonicMs();
    if ((plain.ended !== null && plain.progress.open === 0) || left <= 0) return handleOf(ports, plain);
    await sleep(clock, Math.min(wait, left), signal);
  }
}

function check(word: string, options: BackfillOptions): void {
  const what = `backfillDeployment("${word}")`;
  checkKeys(what, options, KEYS);
  const holds = checker(what, options);
  if (options.from === undefined)
    throw new OstinatoError('bad-input', `${what} has no "from".`, {
      remedy: "Say where it begins: from: '2026-03-01'.",
    });
  const isName = (value: unknown): boolean => isText(value) && value.trim() !== '';
  const isTime = (value: unknown): boolean =>
    value instanceof Date ? !Number.isNaN(value.getTime()) : isText(value) && value.trim() !== '';
  holds('from', isTime, "a day or a time as text ('2026-03-01', '2026-03-01T09:00'), or a Date");
  holds('to', isTime, "a day or a time as text ('2026-04-01', '2026-04-01T09:00'), or a Date");
  for (const key of ['schedule', 'cron', 'timezone', 'name'] as const) holds(key, isName, 'a text that is not empty');
  holds('intervalSeconds', (value) => isDuration(value) && (value as number) > 0, 'a number of seconds above 0');
  holds('order', (value) => (SLOT_ORDERS as readonly unknown[]).includes(value), `'oldest' or 'newest'`);
  holds('rerun', (value) => (RERUNS as readonly unknown[]).includes(value), `'missing', 'failed' or 'all'`);
  holds('concurrency', isConcurrency, `a whole number from 1 to ${CONCURRENCY_MAX}`);
  holds('parameters', isPlainObject, 'an object: names with values');
  const { cron, intervalSeconds, schedule, timezone } = options;
  if ([cron, intervalSeconds, schedule].filter((each) => each !== undefined).length > 1)
    throw new OstinatoError('bad-input', `${what} has several of schedule, cron and intervalSeconds.`, {
      remedy: 'Give one of them.',
    });
  if (timezone !== undefined && cron === undefined && intervalSeconds === undefined)
    throw new OstinatoError('bad-input', `${what} has a timezone without cron or intervalSeconds.`, {
      remedy: 'Leave it out: a schedule has its own.',
    });
}

function isConcurrency(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= CONCURRENCY_MAX;
}
