/**
 * Cache policies: which aspects of a task run decide whether an earlier result may stand for it.
 *
 * A policy turns the facts of a run into named, hashed parts; the key is the hash of all parts together with the task's
 * key, so results of different tasks never meet. The parts are kept beside the result: a later miss names what changed.
 */

import type { CacheKeys } from './cache-keys.ts';
import type { CacheEntry, CacheKeyParts } from './cache-record.ts';
import { formatInstant, secondsBetween, type Instant } from './time.ts';

export interface CacheFacts {
  readonly taskName: string;
  readonly sourceHash: string;
  /** Hash of each argument by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Paths of argument parts that have no content to hash (functions, connections …), by argument. */
  readonly opaque: Readonly<Record<string, readonly string[]>>;
  /** The arguments themselves by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The root flow run, or the task run itself outside any flow. */
  readonly runId: string;
  /** Hash of the root flow's parameters. */
  readonly parameters: string;
}

/** `null`: do not cache this run. A string with `unusable`: no key can be had, and why. */
type PartsResult = CacheKeyParts | null | { readonly unusable: string };

type Compute = (facts: CacheFacts) => Record<string, string> | null | { readonly unusable: string };

function isUnusable(result: unknown): result is { readonly unusable: string } {
  return typeof result === 'object' && result !== null && typeof (result as { unusable?: unknown }).unusable === 'string' && Object.keys(result).length === 1;
}

export class CachePolicy {
  readonly #computes: readonly Compute[];
  readonly #without: ReadonlySet<string>;
  /** Where its keys are kept, when not beside the runs. */
  readonly keys: CacheKeys | null;

  constructor(computes: readonly Compute[], without: ReadonlySet<string> = new Set(), keys: CacheKeys | null = null) {
    this.#computes = computes;
    this.#without = without;
    this.keys = keys;
  }

  /** Both this and the other must agree. */
  plus(other: CachePolicy): CachePolicy {
    return new CachePolicy([...this.#computes, ...other.#computes], new Set([...this.#without, ...other.#without]), this.keys ?? other.keys);
  }

  /** Leaves the named inputs out of the key: they may change without a miss. */
  minus(...inputNames: readonly string[]): CachePolicy {
    return new CachePolicy(this.#computes, new Set([...this.#without, ...inputNames]), this.keys);
  }

  /**
   * Keeps its keys there in place of the store of the runs, so that homes and machines share them:
   * `INPUTS.keptIn(cacheFolder('/mnt/team/cache'))`. Small results travel with their key; large ones lie in the result store, which
   * such homes share by `OSTINATO_RESULTS_PATH`.
   */
  keptIn(keys: CacheKeys): CachePolicy {
    return new CachePolicy(this.#computes, this.#without, keys);
  }

  parts(facts: CacheFacts): PartsResult {
    const seen = this.#without.size === 0 ? facts : withoutInputs(facts, this.#without);
    if (this.#computes.length === 0) return null;
    const parts: Record<string, string> = {};
    for (const compute of this.#computes) {
      const some = compute(seen);
      if (some === null || isUnusable(some)) return some;
      Object.assign(parts, some);
    }
    return parts;
  }
}

function withoutInputs(facts: CacheFacts, names: ReadonlySet<string>): CacheFacts {
  const keep = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([name]) => !names.has(name)));
  return { ...facts, inputs: keep(facts.inputs), opaque: keep(facts.opaque), values: keep(facts.values) };
}

/** The arguments. A part without content (a function, a connection) makes the run uncacheable, with the reason recorded. */
export const INPUTS: CachePolicy = new CachePolicy([(facts) => {
  for (const [name, paths] of Object.entries(facts.opaque)) {
    if (paths.length > 0) return { unusable: `input "${name}" holds something that cannot be hashed at ${paths.slice(0, 3).join(', ')}` };
  }
  return Object.fromEntries(Object.entries(facts.inputs).map(([name, hash]) => [`input "${name}"`, hash]));
}]);

/** The source text of the task's function. */
export const SOURCE: CachePolicy = new CachePolicy([(facts) => ({ "the task's source": facts.sourceHash })]);

/** The flow run: results are shared inside it only. */
export const RUN: CachePolicy = new CachePolicy([(facts) => ({ 'the flow run': facts.runId })]);

/** The parameters of the outermost flow. */
export const FLOW_PARAMETERS: CachePolicy = new CachePolicy([(facts) => ({ 'the flow parameters': facts.parameters })]);

/** Prefect's default: same inputs, same source, same flow run. */
export const DEFAULT: CachePolicy = INPUTS.plus(SOURCE).plus(RUN);

export const NO_CACHE: CachePolicy = new CachePolicy([]);

/** Your own key from the run's facts; `null` means: do not cache this one. */
export function cacheKey(compute: (facts: CacheFacts) => string | null): CachePolicy {
  return new CachePolicy([(facts) => {
    const key = compute(facts);
    return key === null ? null : { 'the custom key': key };
  }]);
}

/** The text whose hash is the key: parts in a fixed order, each name and value length-prefixed so that no two sets collide. */
export function keyText(taskKey: string, parts: CacheKeyParts): string {
  const names = Object.keys(parts).sort();
  return [taskKey, ...names.map((name) => `${name.length}:${name}=${parts[name]?.length ?? 0}:${parts[name]}`)].join('\n');
}

/** Why there was no hit, told against the newest result of the same task. */
export function explainMiss(parts: CacheKeyParts, nearest: CacheEntry | null, key: string, now: Instant): string {
  if (!nearest) return 'no earlier result of this task';
  if (nearest.key === key) {
    if (nearest.expiresAt !== null && nearest.expiresAt <= now) return `expired ${describeAge(secondsBetween(nearest.expiresAt, now))} ago (${formatInstant(nearest.expiresAt)})`;
    return 'the earlier result is gone';
  }
  const changed = [...new Set([...Object.keys(parts), ...Object.keys(nearest.parts)])].filter((name) => parts[name] !== nearest.parts[name]);
  if (changed.length === 0) return 'no earlier result with this key';
  const shown = changed.slice(0, 3).join(' and ');
  return `${shown}${changed.length > 3 ? ` and ${changed.length - 3} more` : ''} changed`;
}

function describeAge(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
