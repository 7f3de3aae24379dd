/** What a server tells of itself: that it has started, and that it was stopped in good order. */

import { RESOURCE_NAME, type OutboxEvent } from '../core/event.ts';
import type { EventId, IdSource, ProcessId } from '../core/ids.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { packageVersion } from '../platform/package-version.ts';
import { describeThisProcess } from '../platform/process-liveness.ts';

export interface ServerNewsParts {
  readonly useCases: Pick<UseCases, 'recordEvents'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly ids: IdSource;
  readonly onFailure: (message: string, error: unknown) => void;
}

export interface ServerNews {
  /** After what was told of the start. */
  stopped(): Promise<void>;
}

/** Tells that the server has started. What cannot be written is told to people, and keeps no server from anything. */
export function tellServerNews({ useCases, clock, ids, onFailure }: ServerNewsParts, url: string): ServerNews {
  const self = ids.next<ProcessId>();
  const { host, pid } = describeThisProcess();
  const tell = async (what: 'started' | 'stopped', follows: EventId | null): Promise<EventId> => {
    const event: OutboxEvent = {
      id: ids.next<EventId>(),
      name: `ostinato.server.${what}`,
      resourceId: `ostinato.server.${self}`,
      occurred: clock.now(),
      payload: JSON.stringify({ host, pid, url }),
      labels: { [RESOURCE_NAME]: `${host}:${new URL(url).port}`, 'ostinato.version': packageVersion() },
      follows,
    };
    try {
      await useCases.recordEvents([{ event, taskRun: null }]);
    } catch (error) {
      onFailure(`That the server has ${what} was not written`, error);
    }
    return event.id;
  };
  const started = tell('started', null);
  return { stopped: async () => void (await tell('stopped', await started)) };
}
