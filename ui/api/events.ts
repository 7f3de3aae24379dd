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

/** The server's clock and this one may differ by as much; what is older than the connection does not come anyway. */
const CLOCKS_APART_MS_MAX = 86_400_000;

/**
 * @param filter the server's event filter; `null` listens to nothing
 * @param onLive each time that listening begins: what happened before was not heard
 */
export function useEvents(filter: object | null, onEvent: (event: LiveEvent) => void, onLive: () => void): void {
  const heard = useEffectEvent(onEvent);
  const live = useEffectEvent(onLive);
  const key = filter === null ? null : JSON.stringify(filter);
  useEffect(() => {
    if (key === null) return;
    return openStream({
      path: '/events/out',
      // Without an end of its own, the window that a server assumes ends now.
      filter: () => ({ ...(JSON.parse(key) as object), occurred: { since: new Date(Date.now() - CLOCKS_APART_MS_MAX).toISOString(), until: new Date(Date.now() + YEAR_MS).toISOString() } }),
      onMessage: (message) => {
        const { type, event } = message as { type?: string; event?: LiveEvent };
        if (type === 'event' && event !== undefined) heard(event);
      },
      onLive: () => live(),
    });
  }, [key]);
}
