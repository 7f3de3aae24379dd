/**
 * The cache around a task run: computes the key, claims it (single flight across processes), records why it hit or
 * missed.
 *
 * 1. Whoever holds a claim settles it exactly once: with the result, or without.
 * 2. A claim of a process that is gone is taken over by the store's liveness rule, so nobody waits for the dead.
 * 3. Within this process a second run of the key waits until the first has computed. What that computed in a
 *    transaction which is not committed yet counts inside the transaction only.
 * 4. Who waits holds no slot: the run that it waits for may need one.
 */

import { explainMiss, keyText, type CacheFacts } from '../core/cache-policy.ts';
import type { CacheEntry, CacheKeyParts, CacheRecord } from '../core/cache-record.ts';
import { canonicalText } from '../core/codec.ts';
import { OstinatoError } from '../core/errors.ts';
import { thrownText } from '../core/show-value.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { addSeconds, sleep } from '../core/time.ts';
import { contentHash, type ValueRef } from '../core/value.ts';
import { isSeveral, numberAmongAlike, whyAlike } from './alike.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { LiveTask } from './live-task.ts';
import type { EnginePorts } from './ports.ts';
import { loadValue } from './results.ts';
import { flightsOf } from './single-flight.ts';
import type { Slots } from './slots.ts';
import { usesThis } from './step.ts';
import type { TaskScope } from './task-scope.ts';
import type { OpenTransaction } from './open-transaction.ts';

/** Waiting for another process's claim asks again after 5 ms, then less and less often up to this. */
const BUSY_POLL_MS_MAX = 250;

export type CacheLookup =
  | { readonly outcome: 'hit'; readonly entry: CacheEntry; readonly value: unknown; readonly record: CacheRecord }
  | { readonly outcome: 'claimed'; readonly claim: CacheClaimHeld; readonly record: CacheRecord }
  | { readonly outcome: 'off'; readonly record: CacheRecord };

export interface CacheQuestion {
  readonly task: TaskDefinition;
  readonly args: readonly unknown[];
  readonly thisArg: unknown;
  readonly live: LiveTask;
  readonly flow: FlowScope | null;
  readonly scope: TaskScope;
  /** The transaction around the call; results that it has computed but not committed count inside it. */
  readonly transaction: OpenTransaction | null;
  /** The gate whose slot the run holds. */
  readonly slots: Slots | null;
}

/** A claim on a cache key; must be settled exactly once. */
export class CacheClaimHeld {
  readonly key: string;
  readonly #question: CacheQuestion;
  readonly #parts: CacheKeyParts;
  /** Wakes the runs of this process that wait for the result. Safe to call again. */
  readonly land: () => void;

  constructor(question: CacheQuestion, key: string, parts: CacheKeyParts, land: () => void) {
    this.#question = question;
    this.key = key;
    this.#parts = parts;
    this.land = land;
  }

  /** The entry as it will be kept. */
  entry(data: ValueRef): CacheEntry {
    const { live, task } = this.#question;
    const createdAt = live.ports.clock.now();
    const { cacheExpirationSeconds } = task.options;
    const expiresAt = cacheExpirationSeconds === undefined ? null : addSeconds(createdAt, cacheExpirationSeconds);
    return {
      key: this.key,
      taskKey: live.run.taskKey,
      taskRunId: live.run.id,
      parts: this.#parts,
      data,
      createdAt,
      expiresAt,
    };
  }

  async keep(data: ValueRef): Promise<void> {
    await this.#settle(data.kind === 'unpersisted' ? null : this.entry(data));
  }

  async giveBack(): Promise<void> {
    await this.#settle(null);
  }

  async #settle(entry: CacheEntry | null): Promise<void> {
    const { live, task } = this.#question;
    try {
      const settled = { key: this.key, taskRunId: live.run.id, entry };
      const keys = task.options.cache?.keys;
      if (keys) await keys.settle(settled);
      else await live.ports.client.settleCacheClaim({ ...settled, processId: live.ports.process.id });
    } finally {
      this.land();
    }
  }
}

function factsOf({ task, args, thisArg, live, flow }: CacheQuestion): CacheFacts {
  const { ports } = live;
  const inputs: Record<string, string> = {};
  const opaque: Record<string, readonly string[]> = {};
  const values: Record<string, unknown> = {};
  const take = (given: string, arg: unknown): void => {
    let name = given;
    // Two inputs of one name would overwrite each other.
    while (Object.hasOwn(values, name)) name += "'";
    values[name] = arg;
    const canonical = canonicalText(arg, name, ports.largeParts);
    if (canonical.opaque.length === 0) inputs[name] = ports.hash(canonical.text);
    else {
      opaque[name] = canonical.opaque;
      refuseHash(inputs, name, canonical.opaque);
    }
  };
  for (const [name, arg] of Object.entries(task.inputs.of(args))) take(name, arg);
  if (usesThis(task, thisArg)) take('this', thisArg);
  const root = flow?.root.flowRun;
  return {
    taskName: task.name,
    sourceHash: task.sourceHash,
    inputs,
    opaque,
    values,
    runId: root?.id ?? live.run.id,
    parameters: root ? parametersHash(root.parameters, ports) : '',
  };
}

/** A hash of inputs that cannot be compared by content would match other arguments as well. */
function refuseHash(inputs: Record<string, string>, name: string, paths: readonly string[]): void {
  const get = (): never => {
    throw new OstinatoError(
      'bad-input',
      `input "${name}" holds something that cannot be hashed at ${paths.slice(0, 3).join(', ')}`,
    );
  };
  Object.defineProperty(inputs, name, { get, enumerable: true, configurable: true });
}

/** `null` when the parameters were not kept: then they cannot be compared. */
function parametersHash(parameters: ValueRef, ports: EnginePorts): string | null {
  if (parameters.kind === 'unpersisted') return null;
  return contentHash(parameters) ?? (parameters.kind === 'stored' ? null : ports.hash(parameters.text));
}

type Key = { readonly parts: CacheKeyParts } | { readonly unusable: string };

/** Calls the user's cache policy. When it throws, the run goes on without a cache. */
function keyOf(question: CacheQuestion): Key {
  const { task, scope } = question;
  const { cache, persistResult } = task.options;
  if (!cache) return { unusable: 'no cache policy' };
  if (persistResult === false) return { unusable: 'the result is not kept (persistResult: false)' };
  try {
    const parts = cache.parts(factsOf(question));
    if (parts === null) return { unusable: 'the policy says not to cache this run' };
    return typeof parts['unusable'] === 'string' && Object.keys(parts).length === 1
      ? { unusable: parts['unusable'] }
      : whoseKey(question, parts as CacheKeyParts);
  } catch (error) {
    const why = thrownText(error);
    scope.log(LOG_LEVELS.warning, `The cache policy threw, so the run is not cached: ${why}`);
    return { unusable: `the policy threw: ${why}` };
  }
}

/** A task closes over values that are not among its inputs: tasks that look the same do not share results. */
function whoseKey({ task: { alike, name }, live: { ports }, scope }: CacheQuestion, parts: CacheKeyParts): Key {
  if (isSeveral(alike)) {
    const number = numberAmongAlike(alike, ports.within !== undefined);
    tellOnce(
      alike.looks,
      scope,
      `The results of ${name} are cached for this process alone, if at all: ${whyAlike(name, 'tasks')}.`,
    );
    return number === null
      ? { unusable: whyAlike(name, 'tasks') }
      : { parts: { ...parts, 'which of the tasks that look the same': number } };
  }
  if (alike.madeIn === null) return { parts };
  tellOnce(
    alike.looks,
    scope,
    `The results of ${name} are cached for this attempt alone: it is made in the body of a flow, and another run's may close over other values. Define it outside, and pass what it needs as arguments.`,
  );
  return { parts: { ...parts, 'the attempt that made the task': alike.madeIn } };
}

const told = new WeakSet<object>();

function tellOnce(what: object, scope: TaskScope, text: string): void {
  if (told.has(what)) return;
  told.add(what);
  scope.log(LOG_LEVELS.warning, text);
}

export async function lookUpCache(question: CacheQuestion): Promise<CacheLookup> {
  const { task, live } = question;
  const { ports } = live;
  const made = keyOf(question);
  if ('unusable' in made) return { outcome: 'off', record: { outcome: 'disabled', key: null, reason: made.unusable } };
  const key = ports.hash(keyText(task.taskKey, made.parts));
  const flights = flightsOf(ports);
  for (;;) {
    const staged = task.options.refreshCache ? undefined : question.transaction?.staged(key);
    if (staged)
      return { outcome: 'hit', ...staged, record: hitRecord(staged.entry, 'computed in the same transaction') };
    const flight = flights.of(key);
    if (!flight) break;
    await idle(question, flight);
  }
  const land = flights.start(key);
  try {
    return await claim(question, key, made.parts, land);
  } catch (error) {
    land();
    throw error;
  }
}

async function claim(
  question: CacheQuestion,
  key: string,
  parts: CacheKeyParts,
  land: () => void,
): Promise<CacheLookup> {
  const { task, live, scope } = question;
  const { ports } = live;
  let refresh = task.options.refreshCache ?? false;
  let gone: string | null = null;
  for (let pollMs = 5; ; pollMs = Math.min(pollMs * 1.6, BUSY_POLL_MS_MAX)) {
    const asked = { key, taskKey: task.taskKey, taskRunId: live.run.id, refresh };
    const keys = task.options.cache?.keys;
    const answer = await (keys
      ? keys.claim({ ...asked, now: ports.clock.now() })
      : ports.client.claimCacheKey({ ...asked, processId: ports.process.id }));
    if (answer.status === 'hit') {
      const { entry } = answer;
      try {
        const value = await loadValue(ports, entry.data, `The cached result of ${task.name}`);
        land();
        return { outcome: 'hit', entry, value, record: hitRecord(entry, 'same key as an earlier run') };
      } catch (error) {
        // The result's file was deleted or damaged: the task computes again.
        gone = `the earlier result cannot be read: ${thrownText(error)}`;
        refresh = true;
      }
    } else if (answer.status === 'claimed') {
      const from = answer.nearest ? { from: answer.nearest.taskRunId } : {};
      const isAsked = task.options.refreshCache === true;
      const reason = isAsked
        ? 'refresh asked for'
        : (gone ?? explainMiss(parts, answer.nearest, key, ports.clock.now()));
      return {
        outcome: 'claimed',
        claim: new CacheClaimHeld(question, key, parts, land),
        record: { outcome: isAsked ? 'refresh' : 'miss', key, reason, ...from },
      };
    } else {
      await idle(question, sleep(ports.clock, pollMs, scope.signal));
    }
  }
}

function hitRecord(entry: CacheEntry, reason: string): CacheRecord {
  return {
    outcome: 'hit',
    key: entry.key,
    reason,
    from: entry.taskRunId,
    ...(entry.expiresAt === null ? {} : { expiresAt: entry.expiresAt }),
  };
}

/** Waits without a slot, and stops waiting when the run is called off. */
async function idle({ slots, scope }: CacheQuestion, waiting: Promise<void>): Promise<void> {
  slots?.give();
  try {
    await new Promise<void>((resolve, reject) => {
      const stopListening = scope.cancellation.onAbort(reject);
      waiting.then(() => {
        stopListening();
        resolve();
      }, reject);
    });
  } finally {
    await slots?.take();
  }
}
