/**
 * What an automation would have done, had it been there: it is run over the events that are stored, by the steps that
 * the automations of a server take.
 *
 * 1. Nothing is written, told or done.
 * 2. One call looks at a bounded number of events, and answers how to go on: whoever asks goes on as long as it likes,
 *    and no server keeps anything of it meanwhile.
 */

import type { Automation } from '../../core/automation.ts';
import { passedOver, type PassedOver } from '../../core/automations/automation-set.ts';
import type { HashText } from '../../core/automations/derived-id.ts';
import type { FeedEntry, StepNote } from '../../core/automations/evaluation.ts';
import { NOTHING_TALLIED, Tallying, type Hint, type Tally } from '../../core/automations/label-tally.ts';
import {
  NOTHING_REPLAYED,
  Replay,
  type CountedWindow,
  type ExplainedFiring,
  type ReplayState,
} from '../../core/automations/replay.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { Event } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import { EVERYTHING, type Condition } from '../../core/query.ts';
import { addSeconds, type Instant } from '../../core/time.ts';
import { previewAction, type PreviewedAction } from '../automation-actions/preview.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { ordersOf } from './outcome.ts';

/** Events of one call, about. */
const EVENTS_MAX = 5000;
const PAGE_EVENTS = 1000;
/** Events of one call that are composed. */
const COMPOSED_MAX = 500;
/** How often one call looks at windows that end between two events. */
const LOOKS_MAX = 500;
/** Of what is kept between two calls. */
const CONTINUATION_CHARACTERS_MAX = 2_000_000;
/** Near misses that one call tells. */
const MISSES_MAX = 100;
/** Servers' clocks differ, and events come late: so long after the end nothing is looked for. */
const LATE_SECONDS = 3600;

export interface BackTestWanted {
  /** Its triggers have ids; it looks at what was received from `since` on. */
  readonly automation: Automation;
  readonly since: Instant;
  /** `null`: now. */
  readonly until: Instant | null;
  /** Firings that this call tells; all are counted. */
  readonly firingsMax: number;
  /** Whether to tell what the actions of each would do. */
  readonly isPreviewed: boolean;
  /** Then only firings for which it counted are told, and what became of it. */
  readonly eventId: EventId | null;
  /** Then only this firing is told. */
  readonly firingId: string | null;
  /** As an earlier call answered it. */
  readonly continuation: string | null;
}

/** What a trigger made of an event. */
export interface EventVerdict {
  readonly triggerId: string;
  /** `null`: it looks at it. */
  readonly passedOver: PassedOver | null;
  /** In their order. None though it looks at the event: it waits for the one that it follows. */
  readonly happenings: readonly Extract<StepNote, { readonly kind: 'key' }>[];
}

export interface ToldFiring extends ExplainedFiring {
  readonly actions: readonly PreviewedAction[];
}

export interface BackTestSlice {
  /** From when on and up to when, as far as there are events. */
  readonly since: Instant;
  readonly until: Instant;
  readonly firings: readonly ToldFiring[];
  readonly firedCount: number;
  readonly nearMisses: readonly CountedWindow[];
  readonly nearMissCount: number;
  /** Of `eventId`; `happenings` are those of this call. */
  readonly verdicts: readonly EventVerdict[];
  /** Events that were looked at, in this call and before. */
  readonly eventCount: number;
  /** When the last of them was received. */
  readonly at: Instant | null;
  /** 0 to 1. */
  readonly progress: number;
  /** Why it ends before the end; `null`: it does not. */
  readonly endedEarly: string | null;
  /** Of triggers that looked at nothing; at the end. */
  readonly hints: readonly Hint[];
  /** `null`: this was all. */
  readonly continuation: string | null;
}

/** What one call leaves for the next. */
interface Kept {
  /** Of what is tested. */
  readonly key: string;
  /** From when on: not from before the first event that is stored. */
  readonly since: Instant;
  readonly until: Instant;
  readonly firstSeq: number;
  readonly afterSeq: number;
  /** Events behind `afterSeq` that were taken: time has not come to the next one. */
  readonly taken: number;
  readonly lastSeq: number;
  readonly eventCount: number;
  readonly tally: Tally;
  readonly replay: ReplayState;
}

export async function backTest(ports: OrchestratorPorts, wanted: BackTestWanted): Promise<BackTestSlice> {
  const hash = hashOf(ports);
  const key = hash(JSON.stringify([wanted.automation, wanted.since, wanted.until]));
  if (wanted.continuation === null) return await slice(ports, wanted, hash, await begin(ports, wanted, key));
  const kept = readKept(wanted.continuation, hash);
  try {
    if (kept.key === key) return await slice(ports, wanted, hash, kept);
    throw new OstinatoError('conflict', 'The automation, or what is asked of it, has changed since the test began.', {
      remedy: 'Test it again from the beginning.',
    });
  } catch (error) {
    // It was made by somebody else, who knows how to make its sum.
    if (error instanceof TypeError) throw strange(error);
    throw error;
  }
}

export function hashOf({ blockKeeping }: Pick<OrchestratorPorts, 'blockKeeping'>): HashText {
  if (blockKeeping === undefined)
    throw new OstinatoError('unsupported', 'Automations are tested by a server only.', {
      remedy: 'Start one with: ostinato server start',
    });
  return (text) => blockKeeping.sha256(text).slice(0, 32);
}

async function begin(ports: OrchestratorPorts, wanted: BackTestWanted, key: string): Promise<Kept> {
  const { storage, clock } = ports;
  const now = clock.now();
  // Time in which nothing is stored would be full of windows in which nothing came.
  const oldest = (await firstEvent(ports, EVERYTHING, 'asc'))?.occurred ?? now;
  const since = Math.max(wanted.since, oldest) as Instant;
  const firstSeq = (await storage.feedStart(since)) ?? 0;
  const lastSeq = firstSeq === 0 ? 0 : await storage.newestEventSeq();
  const first = Math.max(0, firstSeq - 1);
  return {
    key,
    since,
    until: Math.max(since, Math.min(wanted.until ?? now, now)) as Instant,
    firstSeq: first,
    afterSeq: first,
    taken: 0,
    lastSeq,
    eventCount: 0,
    tally: NOTHING_TALLIED,
    replay: NOTHING_REPLAYED,
  };
}

async function slice(
  ports: OrchestratorPorts,
  wanted: BackTestWanted,
  hash: HashText,
  kept: Kept,
): Promise<BackTestSlice> {
  const { automation, eventId } = wanted;
  const { since, until } = kept;
  const notes: StepNote[] = [];
  const onNote = (note: StepNote): void => {
    if (note.kind === 'key' && eventId !== null && note.event?.id === eventId) notes.push(note);
  };
  const replay = new Replay({ ...automation, updatedAt: since }, hash, kept.replay, onNote);
  const tallying = new Tallying(kept.tally);
  const found: ExplainedFiring[] = [];
  const nearMisses: CountedWindow[] = [];
  let { afterSeq, taken, eventCount } = kept;
  let at: Instant | null = null;
  let [looked, composed, isOver, isStopped] = [0, 0, afterSeq >= kept.lastSeq, false];
  /** Answers whether all of them were taken, and time has come so far. */
  const take = (entries: readonly FeedEntry[], end: Instant | null): boolean => {
    const replayed = replay.step(entries, end, LOOKS_MAX);
    found.push(...replayed.firings);
    nearMisses.push(...replayed.nearMisses);
    isStopped = replayed.isStopped;
    taken += replayed.taken;
    return replayed.isThere;
  };
  let isBusy = false;
  while (!isOver && !isStopped && !isBusy && looked < EVENTS_MAX && composed < COMPOSED_MAX) {
    const page = { afterSeq, limit: PAGE_EVENTS };
    const { entries, lastSeq } = await ports.storage.readFeed(page, (name) => replay.looksAtName(name));
    const known = entries.filter(({ received }) => received >= since && received <= until).slice(taken);
    isBusy = !take(known, null);
    if (isBusy) break;
    for (const { name, event } of known) {
      tallying.addName(name);
      if (event !== null) for (const active of replay.triggers) tallying.addEvent(active, event);
    }
    looked += entries.length;
    composed += entries.filter(({ event }) => event !== null).length;
    eventCount += known.length;
    at = known.at(-1)?.received ?? at;
    const isPast = entries.length > 0 && entries.every(({ received }) => received > addSeconds(until, LATE_SECONDS));
    afterSeq = lastSeq ?? afterSeq;
    taken = 0;
    isOver = lastSeq === null || afterSeq >= kept.lastSeq || isPast;
  }
  if (isOver && !isStopped && !isBusy) isOver = take([], until);
  const next: Kept = { ...kept, afterSeq, taken, eventCount, tally: tallying.tally, replay: replay.state };
  const continuation = isOver || isStopped ? null : writeKept(next, hash);
  const isTooMuch = continuation !== null && continuation.length > CONTINUATION_CHARACTERS_MAX;
  const told = found.filter(isTold(wanted)).slice(0, wanted.firingsMax);
  const isEnd = continuation === null || isTooMuch;
  return {
    since,
    until,
    firings: await Promise.all(told.map((one) => withActions(ports, one, wanted, hash))),
    firedCount: found.length,
    nearMisses: nearMisses.slice(0, MISSES_MAX),
    nearMissCount: nearMisses.length,
    verdicts: eventId === null ? [] : await verdictsOf(ports, replay, eventId, notes),
    eventCount,
    at,
    progress: isEnd ? 1 : (afterSeq - kept.firstSeq) / Math.max(1, kept.lastSeq - kept.firstSeq),
    endedEarly: isStopped ? LOOP : isTooMuch ? TOO_MUCH : null,
    hints: isEnd ? tallying.hints(replay.triggers) : [],
    continuation: isEnd ? null : continuation,
  };
}

const LOOP = 'It set itself off again and again: it would have been stopped.';
const TOO_MUCH = 'It keeps too much at a time: events are counted apart for too many values, or wait too long.';

function isTold({ eventId, firingId }: BackTestWanted): (one: ExplainedFiring) => boolean {
  return ({ fired, windows }) =>
    (firingId === null || fired.firing.id === firingId) &&
    (eventId === null ||
      fired.firing.eventId === eventId ||
      windows.some(({ events }) => events.some(({ id }) => id === eventId)));
}

async function withActions(
  ports: OrchestratorPorts,
  one: ExplainedFiring,
  { isPreviewed }: BackTestWanted,
  hash: HashText,
): Promise<ToldFiring> {
  const actions: PreviewedAction[] = [];
  if (isPreviewed)
    for (const order of ordersOf(one.fired, hash)) actions.push(await previewAction(ports, one.fired, order));
  return { ...one, actions };
}

async function verdictsOf(
  ports: OrchestratorPorts,
  replay: Replay,
  eventId: EventId,
  notes: readonly StepNote[],
): Promise<readonly EventVerdict[]> {
  const event = await readEvent(ports, eventId);
  if (event === null)
    throw new OstinatoError('not-found', `There is no event ${eventId}: it is not kept any more, or never was.`, {
      remedy: 'Take the id of one from: ostinato event ls -o json',
    });
  return replay.triggers.map((active) => ({
    triggerId: active.trigger.id,
    passedOver: passedOver(active, event),
    happenings: notes.flatMap((note) => (note.kind === 'key' && note.triggerId === active.trigger.id ? [note] : [])),
  }));
}

function readEvent(ports: OrchestratorPorts, id: EventId): Promise<Event | null> {
  return firstEvent(ports, { op: 'in', field: 'id', values: [id] }, 'desc');
}

/** The first one of them. */
async function firstEvent(
  { storage }: OrchestratorPorts,
  where: Condition,
  order: 'asc' | 'desc',
): Promise<Event | null> {
  const [since, until] = [0 as Instant, Number.MAX_SAFE_INTEGER as Instant];
  const [found] = await storage.findEvents({ filter: { since, until, where, isDistinct: false, order }, limit: 1 });
  return found ?? null;
}

const SUM_CHARACTERS = 32;

/** With a sum before it: what was cut off on its way is told from what was not. */
function writeKept(kept: Kept, hash: HashText): string {
  const text = JSON.stringify(kept);
  return hash(text) + text;
}

function readKept(continuation: string, hash: HashText): Kept {
  const text = continuation.slice(SUM_CHARACTERS);
  if (continuation.length > CONTINUATION_CHARACTERS_MAX || hash(text) !== continuation.slice(0, SUM_CHARACTERS))
    throw strange(null);
  try {
    return JSON.parse(text) as Kept;
  } catch (error) {
    throw strange(error);
  }
}

function strange(cause: unknown): OstinatoError {
  const remedy = 'Send what the call before has answered, or begin again without it.';
  return new OstinatoError('bad-input', 'The continuation is none of this server.', { remedy, cause });
}
