/**
 * By whom pools, queues, deployments and schedules were paused: told as events of their own, in the transaction that
 * pauses them.
 */

import { NOBODY_KNOWN, type Actor, type Pause } from '../core/actor.ts';
import { RESOURCE_NAME, type OutboxEvent } from '../core/event.ts';
import type { EventId, IdSource } from '../core/ids.ts';
import type { Instant } from '../core/time.ts';
import { newestEvents } from './newest-events.ts';
import type { OrchestratorPorts } from './ports.ts';

export type PausedNoun = 'work-pool' | 'work-queue' | 'deployment' | 'deployment-schedule';

export interface PauseMove {
  readonly noun: PausedNoun;
  readonly id: string;
  readonly name: string;
  readonly wasPaused: boolean;
  readonly isPaused: boolean;
  readonly actor: Actor | undefined;
  readonly now: Instant;
}

/** Empty: nothing was paused, and nothing goes on. */
export function pauseEvents(ids: IdSource, move: PauseMove): readonly OutboxEvent[] {
  const { noun, id, name, wasPaused, isPaused, actor = NOBODY_KNOWN, now } = move;
  if (wasPaused === isPaused) return [];
  return [
    {
      id: ids.next<EventId>(),
      name: `ostinato.${noun}.${isPaused ? 'paused' : 'resumed'}`,
      resourceId: `prefect.${noun}.${id}`,
      occurred: now,
      payload: JSON.stringify({ by: actor.by, program: actor.program }),
      labels: { [RESOURCE_NAME]: name },
      related: [],
    },
  ];
}

/** Events of one thing that are looked at for its pause. */
const LOOKED_AT = 10;

/** The newest pause; `null`: none is on record. Whether it is paused still is not asked here. */
export async function readPause(
  { storage, clock }: Pick<OrchestratorPorts, 'storage' | 'clock'>,
  noun: PausedNoun,
  id: string,
): Promise<Pause | null> {
  const own = `ostinato.${noun}.paused`;
  const names = [own, `prefect.${noun}.paused`];
  const asked = { names, resourceId: `prefect.${noun}.${id}`, until: clock.now(), limit: LOOKED_AT };
  const events = await newestEvents({ storage }, asked);
  // Prefect's event does not say by whom, and may be told again while it is paused.
  const newest = events.find(({ name }) => name === own) ?? events[0];
  if (newest === undefined) return null;
  const { by = null, program = null } = JSON.parse(newest.payload) as Partial<Actor>;
  return { by, program, at: newest.occurred };
}
