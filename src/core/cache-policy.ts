/**
 * Cache policies: which facts of a task run decide whether an earlier result may be used instead.
 *
 * A policy turns the facts of a run into named, hashed parts; the key is the hash of all parts together with the task's
 * key, so results of different tasks never meet. The parts are kept beside the result: a later miss names what changed.
 */

import type { CacheKeys } from './cache-keys.ts';
import type { CacheEntry, CacheKeyParts } from './cache-record.ts';
import { OstinatoError } from './errors.ts';
import { hasMark } from './mark.ts';
import { formatInstant, secondsBetween, type Instant } from './time.ts';

export interface CacheFacts {
  readonly taskName: string;
  readonly sourceHash: string;
  /** Hash of each argument by name. Reading the hash of an argument with parts in `opaque` throws. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Paths of argument parts that have no content to hash (functions, connections …), by argument. */
  readonly opaque: Readonly<Record<string, readonly string[]>>;
  /** The arguments themselves by name. */
  readonly values: Readonly<Record<string, unknown>>;
  /** The root flow run, or the task run itself outside any flow. */
  readonly runId: string;
  /** Hash of the root flow's parameters; empty outside any flow, `null` when they have no content to hash. */
  readonly parameters: string | null;
}

/** `null`: do not cache this run. `unusable`: there is no key, and why. */
type PartsResult = CacheKeyParts | null | { readonly unusable: string };

type Compute = (facts: CacheFacts) => Readonly<Record<string, string>> | null | { readonly unusable: string };

/**
 * One term of a policy. Equal built-in terms are the same part of the key. Only the function itself knows what the
 * parts of a user's function mean, so they are told apart by function.
 */
interface Term {
  readonly compute: Compute;
  /** A function of the user's; `null` for facts. */
  readonly own: OwnFunction | null;
  /** Inputs excluded by `minus`; used by `INPUTS` only, since a user's function can leave out inputs itself. */
  readonly without: ReadonlySet<string>;
}

/** Orders users' functions independently of the order in which they were added: by source text, then by creation. */
interface OwnFunction {
  readonly text: string;
  readonly made: number;
}

const MARK = Symbol.for('ostinato.cache-policy');
const NOTHING: ReadonlySet<string> = new Set();
let ownMade = 0;

/** Whether a value is a policy, also one of another loaded copy of the package. */
export function isCachePolicy(value: unknown): value is CachePolicy {
  return hasMark(value, MARK);
}

function isUnusable(result: object): result is { readonly unusable: string } {
  return typeof (result as { unusable?: unknown }).unusable === 'string' && Object.keys(result).length === 1;
}

/**
 * A sum of parts, all of which must agree. The order of the parts and how often one is added do not matter.
 *
 * A part that gives `null`, or has no key, keeps the run from being cached, whatever the others say. Nothing
 * (`NO_CACHE`) added to a policy is that policy.
 */
export class CachePolicy {
  /** @internal */
  readonly terms: readonly Term[];
  /** Where its keys are kept; `null`: beside the runs. */
  readonly keys: CacheKeys | null;

  /** @param computes each gives parts of the key by name; `null`: do not cache this run */
  constructor(computes: readonly (Compute | Term)[], keys: CacheKeys | null = null) {
    this.terms = computes.map((one) => (typeof one === 'function' ? ownTerm(one, one) : one));
    this.keys = keys;
  }

  get [MARK](): true {
    return true;
  }

  /** Both this and the other must agree. */
  plus(other: CachePolicy): CachePolicy {
    if (!isCachePolicy(other))
      throw new OstinatoError('bad-input', 'plus(…) was given something that is no cache policy.', {
        remedy: 'Give it one, for instance SOURCE or cacheKey(…).',
      });
    return new CachePolicy([...this.terms, ...other.terms], this.keys ?? other.keys);
  }

  /**
   * Leaves the named inputs out of what `INPUTS` in this policy looks at: they may change without a miss. What is added
   * later counts in full, and `cacheKey(…)` always sees every input.
   */
  minus(...inputNames: readonly string[]): CachePolicy {
    return new CachePolicy(
      this.terms.map((term) =>
        term.own === null ? { ...term, without: new Set([...term.without, ...inputNames]) } : term,
      ),
      this.keys,
    );
  }

  /**
   * Keeps its keys there in place of the store of the runs, so that homes and machines share them:
   * `INPUTS.keptIn(cacheFolder('/mnt/team/cache'))`. Small results travel with their key; large ones lie in the result
   * store, which such homes share by `OSTINATO_RESULTS_PATH`.
   */
  keptIn(keys: CacheKeys): CachePolicy {
    return new CachePolicy(this.terms, keys);
  }

  parts(facts: CacheFacts): PartsResult {
    if (this.terms.length === 0) return null;
    const parts: Record<string, string> = {};
    const own = new Map<OwnFunction, Readonly<Record<string, string>>>();
    for (const { compute, own: fn, without } of this.terms) {
      if (fn !== null && own.has(fn)) continue;
      const some = compute(without.size === 0 ? facts : withoutInputs(facts, without));
      if (some === null || isUnusable(some)) return some;
      if (fn === null) Object.assign(parts, some);
      else own.set(fn, some);
    }
    [...own]
      .sort(([a], [b]) => (a.text === b.text ? a.made - b.made : a.text < b.text ? -1 : 1))
      .forEach(([, some], index) => addOwn(parts, some, index));
    return parts;
  }
}

/** Parts of the first function keep their names; later ones get a suffix, so that one name never means two parts. */
function addOwn(parts: Record<string, string>, some: Readonly<Record<string, string>>, index: number): void {
  for (const name of Object.keys(some).sort()) {
    const value: unknown = some[name];
    if (typeof value !== 'string')
      throw new TypeError(
        `${name} is ${value === null ? 'null' : typeof value === 'object' ? 'an object' : String(value)}, and must be a text`,
      );
    let free = index === 0 ? name : `${name} (${index + 1})`;
    while (Object.hasOwn(parts, free)) free = `${free}'`;
    parts[free] = value;
  }
}

function withoutInputs(facts: CacheFacts, names: ReadonlySet<string>): CacheFacts {
  const keep = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.defineProperties(
      {},
      Object.fromEntries(Object.entries(Object.getOwnPropertyDescriptors(record)).filter(([name]) => !names.has(name))),
    ) as Record<string, T>;
  return { ...facts, inputs: keep(facts.inputs), opaque: keep(facts.opaque), values: keep(facts.values) };
}

function ownTerm(fn: (facts: CacheFacts) => unknown, compute: Compute): Term {
  return { compute, own: { text: Function.prototype.toString.call(fn), made: (ownMade += 1) }, without: NOTHING };
}

function fact(compute: Compute): CachePolicy {
  return new CachePolicy([{ compute, own: null, without: NOTHING }]);
}

/**
 * The arguments. A part without content (a function, a connection) makes the run uncacheable, with the reason recorded.
 */
export const INPUTS: CachePolicy = fact((facts) => {
  for (const [name, paths] of Object.entries(facts.opaque)) {
    if (paths.length > 0)
      return { unusable: `input "${name}" holds something that cannot be hashed at ${paths.slice(0, 3).join(', ')}` };
  }
  return Object.fromEntries(Object.entries(facts.inputs).map(([name, hash]) => [`input "${name}"`, hash]));
});

/** The source text of the task's function. */
export const SOURCE: CachePolicy = fact((facts) => ({ "the task's source": facts.sourceHash }));

/** The flow run: results are shared inside it only. */
export const RUN: CachePolicy = fact((facts) => ({ 'the flow run': facts.runId }));

/** The parameters of the outermost flow; parameters that were not kept (an open connection among them) have no key. */
export const FLOW_PARAMETERS: CachePolicy = fact((facts) =>
  facts.parameters === null
    ? { unusable: 'the flow parameters have no content to hash' }
    : { 'the flow parameters': facts.parameters },
);

/** Prefect's default: same inputs, same source, same flow run. */
export const DEFAULT: CachePolicy = INPUTS.plus(SOURCE).plus(RUN);

/** No result is ever reused. Added to another policy, it changes nothing. */
export const NO_CACHE: CachePolicy = new CachePolicy([]);

/**
 * A key computed from the run's facts: a string, synchronously. `null`: do not cache this run. Several such functions
 * in one policy each count separately.
 */
export function cacheKey(compute: (facts: CacheFacts) => string | null): CachePolicy {
  if (typeof compute !== 'function')
    throw new OstinatoError(
      'bad-input',
      `cacheKey(…) was given ${compute === null ? 'null' : typeof compute} where its function belongs.`,
    );
  return new CachePolicy([
    ownTerm(compute, (facts) => {
      const key = compute(facts);
      return key === null ? null : { 'the custom key': key };
    }),
  ]);
}

/**
 * The text whose hash is the key: parts in a fixed order, each name and value length-prefixed so that no two sets
 * collide.
 */
export function keyText(taskKey: string, parts: CacheKeyParts): string {
  const names = Object.keys(parts).sort();
  return [taskKey, ...names.map((name) => `${name.length}:${name}=${parts[name]?.length ?? 0}:${parts[name]}`)].join(
    '\n',
  );
}

/** Why there was no hit, compared with the newest result of the same task. */
export function explainMiss(parts: CacheKeyParts, nearest: CacheEntry | null, key: string, now: Instant): string {
  if (!nearest) return 'no earlier result of this task';
  if (nearest.key === key) {
    if (nearest.expiresAt !== null && nearest.expiresAt <= now)
      return `expired ${describeAge(secondsBetween(nearest.expiresAt, now))} ago (${formatInstant(nearest.expiresAt)})`;
    return 'the earlier result is gone';
  }
  const changed = [...new Set([...Object.keys(parts), ...Object.keys(nearest.parts)])].filter(
    (name) => parts[name] !== nearest.parts[name],
  );
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
