/**
 * The cache around a task run: computes the key, claims it (single flight across processes), records why it hit or missed.
 *
 * 1. Whoever holds a claim settles it exactly once: with the result, or without.
 * 2. A claim of a process that is gone is taken over by the store's liveness rule, so nobody waits for the dead.
 */

import { explainMiss, keyText, type CacheFacts } from '../core/cache-policy.ts';
import type { CacheEntry, CacheKeyParts, CacheRecord } from '../core/cache-record.ts';
import { canonicalText } from '../core/codec.ts';
import { addSeconds, sleep } from '../core/time.ts';
import type { ValueRef } from '../core/value.ts';
import type { TaskDefinition } from './definitions.ts';
import type { FlowScope } from './flow-scope.ts';
import type { LiveTask } from './live-task.ts';
import type { EnginePorts } from './ports.ts';

/** Waiting for another run's claim asks again after 5 ms, then less and less often up to this. */
const BUSY_POLL_MS_MAX = 250;

export type CacheLookup =
  | { readonly outcome: 'hit'; readonly entry: CacheEntry; readonly record: CacheRecord }
  | { readonly outcome: 'claimed'; readonly claim: CacheClaimHeld; readonly record: CacheRecord }
  | { readonly outcome: 'off'; readonly record: CacheRecord };

/** A claim that must be settled. */
export class CacheClaimHeld {
  readonly #ports: EnginePorts;
  readonly #live: LiveTask;
  readonly #key: string;
  readonly #parts: CacheKeyParts;
  readonly #expirationSeconds: number | undefined;

  constructor(ports: EnginePorts, live: LiveTask, key: string, parts: CacheKeyParts, expirationSeconds: number | undefined) {
    this.#ports = ports;
    this.#live = live;
    this.#key = key;
    this.#parts = parts;
    this.#expirationSeconds = expirationSeconds;
  }

  async keep(data: ValueRef): Promise<void> {
    const { run } = this.#live;
    if (data.kind === 'unpersisted') return this.giveBack();
    const createdAt = this.#ports.clock.now();
    const expiresAt = this.#expirationSeconds === undefined ? null : addSeconds(createdAt, this.#expirationSeconds);
    const entry: CacheEntry = { key: this.#key, taskKey: run.taskKey, taskRunId: run.id, parts: this.#parts, data, createdAt, expiresAt };
    await this.#ports.client.settleCacheClaim({ key: this.#key, taskRunId: run.id, entry });
  }

  async giveBack(): Promise<void> {
    await this.#ports.client.settleCacheClaim({ key: this.#key, taskRunId: this.#live.run.id, entry: null });
  }
}

function factsOf(task: TaskDefinition, args: readonly unknown[], live: LiveTask, flow: FlowScope | null, ports: EnginePorts): CacheFacts {
  const inputs: Record<string, string> = {};
  const opaque: Record<string, readonly string[]> = {};
  const values: Record<string, unknown> = {};
  args.forEach((arg, index) => {
    const name = task.inputNames[index] ?? `arg${index}`;
    const canonical = canonicalText(arg, name);
    inputs[name] = ports.hash(canonical.text);
    if (canonical.opaque.length > 0) opaque[name] = canonical.opaque;
    values[name] = arg;
  });
  const root = flow?.root.flowRun;
  const parameters = root?.parameters;
  return {
    taskName: task.name, sourceHash: task.sourceHash, inputs, opaque, values,
    runId: root?.id ?? live.run.id,
    parameters: parameters && parameters.kind !== 'unpersisted' ? parameters.hash : '',
  };
}

export async function lookUpCache(task: TaskDefinition, args: readonly unknown[], live: LiveTask, flow: FlowScope | null, signal: AbortSignal): Promise<CacheLookup> {
  const { ports } = live;
  const { cache, refreshCache = false, cacheExpirationSeconds, persistResult } = task.options;
  const off = (reason: string): CacheLookup => ({ outcome: 'off', record: { outcome: 'disabled', key: null, reason } });
  if (!cache) return off('no cache policy');
  if (persistResult === false) return off('the result is not kept (persistResult: false)');
  const parts = cache.parts(factsOf(task, args, live, flow, ports));
  if (parts === null) return off('the policy says not to cache this run');
  if (typeof parts['unusable'] === 'string' && Object.keys(parts).length === 1) return off(parts['unusable']);
  const key = ports.hash(keyText(task.taskKey, parts as CacheKeyParts));
  const request = { key, taskKey: task.taskKey, taskRunId: live.run.id, processId: ports.process.id, refresh: refreshCache };
  for (let pollMs = 5; ; pollMs = Math.min(pollMs * 1.6, BUSY_POLL_MS_MAX)) {
    const claim = await ports.client.claimCacheKey(request);
    if (claim.status === 'hit') {
      const { entry } = claim;
      return { outcome: 'hit', entry, record: { outcome: 'hit', key, reason: 'same key as an earlier run', from: entry.taskRunId, ...(entry.expiresAt === null ? {} : { expiresAt: entry.expiresAt }) } };
    }
    if (claim.status === 'claimed') {
      const reason = refreshCache ? 'refresh asked for' : explainMiss(parts as CacheKeyParts, claim.nearest, key, ports.clock.now());
      const record: CacheRecord = { outcome: refreshCache ? 'refresh' : 'miss', key, reason, ...(claim.nearest ? { from: claim.nearest.taskRunId } : {}) };
      return { outcome: 'claimed', claim: new CacheClaimHeld(ports, live, key, parts as CacheKeyParts, cacheExpirationSeconds), record };
    }
    await sleep(ports.clock, pollMs, signal);
  }
}
