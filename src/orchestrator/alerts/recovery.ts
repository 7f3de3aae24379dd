/**
 * Successes that end alerts: a further run of what has failed, the same run when it is retried, a pool that is ready
 * again. What is found is written before the cursor moves, and changes nothing when it is found twice.
 */

import type { AlertId } from '../../core/alerts/alert.ts';
import { objectIdOf, resourceIdOf } from '../../core/event.ts';
import { isUuid, type FlowRunId } from '../../core/ids.ts';
import type { Instant } from '../../core/time.ts';
import { ALERTS_CURSOR } from '../../store/port/alerts.ts';
import type { SequencedEvent } from '../../store/port/events.ts';
import type { OrchestratorPorts } from '../ports.ts';
import { watchedBy } from './occasion.ts';
import { dueFor } from './tell.ts';

type Ports = Pick<OrchestratorPorts, 'storage' | 'clock'>;

const EVENTS_AT_ONCE = 500;
/** The cursor moves once in so many events: passing some again changes nothing. */
const MOVED_AFTER = 1000;
/** Alerts that one success may end: one a channel and cause. */
const ENDED_MAX = 100;
const READY = /^prefect\.(?:work-pool|work-queue|deployment)\.ready$/;

export interface Looked {
  /** The number of the last event that was looked at. */
  readonly seq: number;
  /** Whether further events may have come already. */
  readonly isBehind: boolean;
}

/**
 * Looks at the events after that number, or after the cursor. Answers `null` when no alert waits for a success.
 * @param after the number of the last event that the caller has looked at; `null`: none
 */
export async function lookForRecoveries(ports: Ports, after: number | null): Promise<Looked | null> {
  const { storage } = ports;
  const cursor = (await storage.listCursors()).find(({ name }) => name === ALERTS_CURSOR);
  if (cursor === undefined) return null;
  // Another database may have taken the place of the one that the number is of.
  const isKnown = after !== null && after <= (await storage.newestEventSeq());
  const from = isKnown ? Math.max(after, cursor.seq) : cursor.seq;
  const events = await storage.readFullEvents({ afterSeq: from, limit: EVENTS_AT_ONCE });
  for (const event of events) await tellSuccess(ports, event);
  const seq = events.at(-1)?.seq ?? from;
  if (seq - cursor.seq >= MOVED_AFTER) await moveCursor(ports, seq);
  return { seq, isBehind: events.length === EVENTS_AT_ONCE };
}

async function moveCursor({ storage, clock }: Ports, seq: number): Promise<void> {
  try {
    await storage.advanceCursor(ALERTS_CURSOR, { limit: MOVED_AFTER, now: clock.now() }, ({ events }) => ({
      // Another server may have moved it meanwhile: then it looks at some of them once more.
      through: Math.max((events[0]?.seq ?? 1) - 1, Math.min(seq, events.at(-1)?.seq ?? seq)),
      answer: null,
    }));
  } catch (error) {
    // The last alert that waited is over, and the cursor went with it.
    if ((await storage.listCursors()).some(({ name }) => name === ALERTS_CURSOR)) throw error;
  }
}

interface Success {
  readonly of: string;
  readonly at: Instant;
  /** When the run that succeeded began; `null`: it is no run. */
  readonly began: Instant | null;
  /** Whether it is a run that has been tried before. */
  readonly isRetried: boolean;
}

async function tellSuccess(ports: Ports, event: SequencedEvent): Promise<void> {
  const success = await successOf(ports, event);
  if (success === null) return;
  for (const id of await ports.storage.findAlerts({ kind: 'watch', name: success.of }, ENDED_MAX))
    await noteSuccess(ports, id, success);
}

async function successOf({ storage }: Ports, event: SequencedEvent): Promise<Success | null> {
  const { name, occurred: at } = event;
  if (READY.test(name)) return { of: resourceIdOf(event), at, began: null, isRetried: false };
  if (event.resource['prefect.state-type'] !== 'COMPLETED' || !name.startsWith('prefect.flow-run.')) return null;
  const id = objectIdOf(resourceIdOf(event), 'flow-run');
  const run = id !== null && isUuid(id) ? await storage.readFlowRun(id.toLowerCase() as FlowRunId) : null;
  if (run === null) return null;
  return { of: watchedBy(run), at, began: run.startTime, isRetried: run.runCount > 1 };
}

async function noteSuccess({ storage, clock }: Ports, id: AlertId, success: Success): Promise<void> {
  const { of, at, began, isRetried } = success;
  await storage.changeAlert<null>({ id }, (found) => {
    const watch = found?.watches.find(({ name }) => name === of);
    if (found === null || watch === undefined) return { answer: null };
    // A run that was under way when it failed says nothing.
    if (at < watch.at || (began !== null && began < watch.at && !isRetried)) return { answer: null };
    const now = clock.now();
    const alert = found.watches.length > 1 ? found.alert : { ...found.alert, healthySince: now };
    return { alert, dueAt: dueFor(found, alert, now), unwatched: [of], answer: null };
  });
}
