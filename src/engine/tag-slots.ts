/**
 * Waiting for the limits on tags: a task run whose tags are limited begins when it has a slot of each.
 *
 * 1. Slots are leases that the store hands out, all of them or none: two runs that need the same two tags never hold
 *    one each. A run holds them while its body runs, and not while it waits for its next attempt.
 * 2. Who waits holds no slot of the task runner. In one process they wait in line, a line for each set of tags, and
 *    only the first of a line asks: at once when a slot was given back here, else now and then.
 * 3. What a task calls runs on its slots, in turn: a call with a tag that the task around it holds needs no slot of its
 *    own, and of several such calls one runs at once. The task itself, which waits for them, is not counted beside it.
 * 4. Tags without limits cost a look each `UNLIMITED_SECONDS`: a limit that is made later holds by then.
 * 5. A lease that is gone is another's: the run that had it is stopped.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { isOutage } from '../client/delivery.ts';
import { TAG_SLOT_LEASE_SECONDS, type TagSlots } from '../core/concurrency/tag-slots.ts';
import { OstinatoError } from '../core/errors.ts';
import type { ConcurrencyLeaseId, TaskRunId } from '../core/ids.ts';
import { LOG_LEVELS } from '../core/log.ts';
import { operandWords } from '../core/shell-word.ts';
import { thrownText } from '../core/show-value.ts';
import { addSeconds, secondsBetween, type Instant } from '../core/time.ts';
import { StopReason } from './cancellation.ts';
import type { LiveTask } from './live-task.ts';
import type { EnginePorts } from './ports.ts';
import { sharedState } from './shared-state.ts';
import type { Slots } from './slots.ts';
import type { TaskScope } from './task-scope.ts';

/** Seconds after which a new limit takes effect on running programs. */
const UNLIMITED_SECONDS = 1;
/** Sets of tags that are remembered as unlimited. */
const UNLIMITED_MAX = 1000;
/** First interval of polling for slots that other processes give back; it grows. */
const POLL_MS_MIN = 100;
const POLL_MS_MAX = 1000;
const RENEW_SECONDS = TAG_SLOT_LEASE_SECONDS / 10;

/** The tags whose slots are held, each with the queue of calls that run on that slot. */
type Turns = ReadonlyMap<string, Turn>;

const held = sharedState('held-tags', () => new AsyncLocalStorage<Turns>());
const NO_TURNS: Turns = new Map();
/** In an isolate: the turns of the task whose body runs there. */
const turnsWithin = new WeakMap<object, Turns>();

function turnsAround({ within }: EnginePorts): Turns {
  const around = held.getStore();
  if (around || !within) return around ?? NO_TURNS;
  let turns = turnsWithin.get(within);
  if (!turns) turnsWithin.set(within, (turns = newTurns(within.tags)));
  return turns;
}

function newTurns(tags: readonly string[]): Turns {
  return new Map(tags.map((tag) => [tag, new Turn()]));
}

/** Tags whose slots are held around the caller. */
export function heldTags(ports: EnginePorts): readonly string[] {
  return [...turnsAround(ports).keys()];
}

/** Slots that a run holds. */
export interface HeldTags {
  /** Runs the body so that calls inside it need no slots of these tags. */
  run<T>(body: () => T): T;
  /** Releases the slots. Never throws. */
  end(): Promise<void>;
}

export interface Waiting {
  readonly live: LiveTask;
  readonly scope: TaskScope;
  /** The gate of the task runner. */
  readonly slots: Slots | null;
}

/**
 * `null`: no limit applies. An error: a limit is 0, so waiting cannot help. @throws `StopReason` when the run is called
 * off
 */
export async function takeTags(work: Waiting): Promise<HeldTags | OstinatoError | null> {
  const { live } = work;
  const { ports } = live;
  const around = turnsAround(ports);
  const tags = around.size === 0 ? live.run.tags : live.run.tags.filter((tag) => !around.has(tag));
  const shared = around.size === 0 ? [] : live.run.tags.filter((tag) => around.has(tag));
  if (tags.length === 0 && shared.length === 0) return null;
  const leaseId = tags.length === 0 ? null : await tagLeasesOf(ports).take(work, tags);
  if (leaseId instanceof OstinatoError || (leaseId === null && shared.length === 0)) return leaseId;
  const turns = shared.map((tag) => around.get(tag) as Turn);
  const endLease = async (): Promise<void> => {
    if (leaseId !== null) await tagLeasesOf(ports).end(leaseId);
  };
  try {
    while (!takeAll(turns)) await someGiven(turns, work);
  } catch (error) {
    await endLease();
    throw error;
  }
  const all: Turns = new Map([...around, ...newTurns([...shared, ...(leaseId === null ? [] : tags)])]);
  const end = async (): Promise<void> => {
    for (const turn of turns) turn.give();
    await endLease();
  };
  return { run: (body) => held.run(all, body), end };
}

/** A held slot, shared by the calls inside its holder: one call at a time. */
class Turn {
  isTaken = false;
  readonly wakes = new Set<() => void>();

  give(): void {
    this.isTaken = false;
    for (const wake of this.wakes) wake();
  }
}

/** Takes all or none: two calls that need the same two turns never hold one each. */
function takeAll(turns: readonly Turn[]): boolean {
  if (turns.some(({ isTaken }) => isTaken)) return false;
  for (const turn of turns) turn.isTaken = true;
  return true;
}

/** Resolves when one of the turns is free, or when the run is called off. */
async function someGiven(turns: readonly Turn[], { scope }: Waiting): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stopListening = scope.cancellation.onAbort(reject);
  for (const { wakes } of turns) wakes.add(resolve);
  try {
    await promise;
  } finally {
    stopListening();
    for (const { wakes } of turns) wakes.delete(resolve);
  }
}

type Full = Extract<TagSlots, { outcome: 'full' }>;

class TagLeases {
  readonly #ports: EnginePorts;
  /** Scopes by lease; `null`: a run in an isolate, which is ended with the isolate. */
  readonly #held = new Map<ConcurrencyLeaseId, TaskScope | null>();
  readonly #unlimitedUntil = new Map<string, Instant>();
  readonly #lines = new Map<string, { readonly last: Promise<void>; full: Full | null }>();
  readonly #wakes = new Set<() => void>();
  /** Releases in progress: a slot that was released here is free in the store before somebody here asks again. */
  #ending: Promise<unknown> = Promise.resolve();
  #renewedAt: Instant;

  constructor(ports: EnginePorts) {
    this.#ports = ports;
    this.#renewedAt = ports.clock.now();
  }

  async take(work: Waiting, tags: readonly string[]): Promise<ConcurrencyLeaseId | OstinatoError | null> {
    const key = tags.join('\0');
    if ((this.#unlimitedUntil.get(key) ?? 0) > this.#ports.clock.now()) return null;
    const ahead = this.#lines.get(key);
    const { promise: last, resolve: leave } = Promise.withResolvers<void>();
    const line = { last, full: ahead?.full ?? null };
    this.#lines.set(key, line);
    const place = new Place(work, tags, (id) => this.#nameOf(id));
    try {
      if (ahead) await place.wait(ahead.last, ahead.full);
      const answer = await this.#whenFree(place, line);
      if (answer.outcome === 'unlimited') {
        if (this.#unlimitedUntil.size >= UNLIMITED_MAX) this.#unlimitedUntil.clear();
        this.#unlimitedUntil.set(key, addSeconds(this.#ports.clock.now(), UNLIMITED_SECONDS));
        return null;
      }
      if (answer.outcome === 'closed') {
        return new OstinatoError(
          'transition-aborted',
          `${place.name} cannot run: the concurrency limit on tag "${answer.tag}" is 0.`,
          { remedy: `Raise it: ostinato concurrency create ${operandWords(answer.tag)} 1` },
        );
      }
      this.#held.set(answer.leaseId, work.scope);
      return answer.leaseId;
    } finally {
      leave();
      if (this.#lines.get(key) === line) this.#lines.delete(key);
      await place.leave();
    }
  }

  async #whenFree(place: Place, line: { full: Full | null }): Promise<Exclude<TagSlots, Full>> {
    for (let pollMs = POLL_MS_MIN; ; pollMs = Math.min(pollMs * 1.5, POLL_MS_MAX)) {
      await this.#ending;
      const answer = await this.#ask(place);
      if (answer !== null && answer.outcome !== 'full') return answer;
      line.full = answer;
      await place.wait(this.#nextChance(pollMs), answer);
    }
  }

  /** `null`: the store cannot answer now. */
  async #ask(place: Place): Promise<TagSlots | null> {
    try {
      return await this.#ports.client.takeTagSlots({ tags: place.tags, taskRunId: place.taskRunId });
    } catch (error) {
      if (!isOutage(error)) throw error;
      place.tellTrouble(error);
      return null;
    }
  }

  async #nameOf(id: TaskRunId): Promise<string> {
    for (const scope of this.#held.values()) if (scope?.taskRunId === id) return scope.runName;
    try {
      return (await this.#ports.client.readTaskRun(id))?.name ?? id;
    } catch {
      return id;
    }
  }

  #nextChance(pollMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wakes.delete(wake);
        timer.cancel();
        resolve();
      };
      const timer = this.#ports.clock.setTimer(pollMs, wake);
      this.#wakes.add(wake);
    });
  }

  /** Registers the lease of a run in an isolate. */
  hold(id: ConcurrencyLeaseId): void {
    this.#held.set(id, null);
  }

  async end(id: ConcurrencyLeaseId): Promise<void> {
    if (!this.#held.delete(id)) return;
    // A lease that cannot be released now expires, as nobody renews it.
    const ended = Promise.resolve(this.#ending)
      .then(async () => await this.#ports.client.releaseLease(id))
      .catch(() => undefined);
    this.#ending = ended;
    await ended;
    for (const wake of this.#wakes) wake();
  }

  /** Called with every heartbeat. */
  async renew(): Promise<void> {
    const { clock, client } = this.#ports;
    if (this.#held.size === 0 || secondsBetween(this.#renewedAt, clock.now()) < RENEW_SECONDS) return;
    this.#renewedAt = clock.now();
    for (const id of await client.renewTagSlots([...this.#held.keys()])) {
      const scope = this.#held.get(id);
      this.#held.delete(id);
      scope?.cancellation.abort(
        new StopReason(
          'crash',
          `${scope.taskRun.name} has lost its slot of a concurrency limit on its tags: this process was not heard of for too long.`,
        ),
      );
    }
  }
}

/** One run in the queue. */
class Place {
  readonly tags: readonly string[];
  readonly #work: Waiting;
  readonly #nameOf: (id: TaskRunId) => Promise<string>;
  #isWaiting = false;
  #isTold = false;

  constructor(work: Waiting, tags: readonly string[], nameOf: (id: TaskRunId) => Promise<string>) {
    this.#work = work;
    this.#nameOf = nameOf;
    this.tags = tags;
  }

  get name(): string {
    return this.#work.live.run.name;
  }
  get taskRunId() {
    return this.#work.live.run.id;
  }

  /** Waits until the promise resolves, without a slot of the runner, or until the run is called off. */
  async wait(until: Promise<void>, full: Full | null): Promise<void> {
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      this.#work.slots?.give();
    }
    if (full !== null && !this.#isTold) await this.#tell(full);
    const { cancellation } = this.#work.scope;
    await new Promise<void>((resolve, reject) => {
      const stopListening = cancellation.onAbort(reject);
      void until.then(() => {
        stopListening();
        resolve();
      });
    });
  }

  async leave(): Promise<void> {
    if (this.#isWaiting) await this.#work.slots?.take();
  }

  async #tell({ tag, slots, holders }: Full): Promise<void> {
    this.#isTold = true;
    const { live } = this.#work;
    const { clock, recorder } = live.ports;
    const [first] = holders;
    const name = first === undefined ? null : await this.#nameOf(first);
    const others = holders.length > 1 ? ` and ${holders.length - 1} more` : '';
    const message = `Waits for a slot of the concurrency limit on tag "${tag}" (${slots})${name === null ? '' : `, held by ${name}${others}`}.`;
    live.enter({ type: 'SCHEDULED', name: 'AwaitingConcurrencySlot', scheduledTime: clock.now(), message }, null, true);
    recorder.touch(live.record);
  }

  tellTrouble(error: unknown): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#work.scope.log(
      LOG_LEVELS.warning,
      `The concurrency limits on its tags cannot be asked for now, so it waits: ${thrownText(error)}`,
    );
  }
}

const known = sharedState('tag-leases', () => new WeakMap<EnginePorts, TagLeases>());

/** One registry of leases a process and engine. */
export function tagLeasesOf(ports: EnginePorts): TagLeases {
  let leases = known.get(ports);
  if (!leases) known.set(ports, (leases = new TagLeases(ports)));
  return leases;
}
