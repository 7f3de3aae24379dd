/** Events as they happen: state changes of flow runs and task runs, and whatever else a run emits. */
import { useEffect, useEffectEvent } from 'react';

import type { StateType } from './states.ts';
import { openStream } from './socket.ts';

export interface LiveEvent {
  readonly id: string;
  readonly event: string;
  readonly occurred: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly related: readonly Readonly<Record<string, string>>[];
}

export interface StateChange {
  readonly kind: 'flow-run' | 'task-run';
  readonly runId: string;
  readonly stateType: StateType;
  readonly stateName: string;
  readonly occurred: string;
}

/** What an event says about a run's state; `null` for other events. */
export function readStateChange({ resource, occurred }: LiveEvent): StateChange | null {
  const match = /^prefect\.(flow-run|task-run)\.(.+)$/.exec(resource['prefect.resource.id'] ?? '');
  const stateType = resource['prefect.state-type'];
  if (match === null || stateType === undefined) return null;
  const [, kind, runId = ''] = match;
  return {
    kind: kind === 'flow-run' ? 'flow-run' : 'task-run',
    runId,
    stateType: stateType as StateType,
    stateName: resource['prefect.state-name'] ?? stateType,
    occurred,
  };
}

const YEAR_MS = 365 * 86_400_000;

/** Of what happened shortly before an answer, other answers of the same page may not have known. */
const BEFORE_MS = 1000;

/**
 * @param asOf the server's time of the first answer that the page shows; `null` while there is none: nothing is
 * listened to. What happened since then is told, so nothing is asked again when the listening begins
 * @param filter the server's event filter; `null` listens to nothing
 * @param onBack after a break, in which nothing was heard
 */
export function useEvents(
  asOf: string | null | undefined,
  filter: object | null,
  onEvent: (event: LiveEvent) => void,
  onBack: () => void,
): void {
  const heard = useEffectEvent(onEvent);
  const back = useEffectEvent(onBack);
  const isShown = asOf !== null && asOf !== undefined;
  const since = useEffectEvent(() => new Date(Date.parse(asOf ?? '') - BEFORE_MS).toISOString());
  const key = filter === null || !isShown ? null : JSON.stringify(filter);
  useEffect(() => {
    if (key === null) return;
    return openStream({
      path: '/events/out',
      // Without an end of its own, the window that a server assumes ends now.
      filter: () => ({
        ...(JSON.parse(key) as object),
        occurred: { since: since(), until: new Date(Date.now() + YEAR_MS).toISOString() },
      }),
      backfills: true,
      onMessage: (message) => {
        const { type, event } = message as { type?: string; event?: LiveEvent };
        if (type === 'event' && event !== undefined) heard(event);
      },
      onLive: (isFirst) => {
        if (!isFirst) back();
      },
    });
  }, [key]);
}
