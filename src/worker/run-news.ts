/** What a worker tells of the process of a run: events of the run, each with its time. */

import type { ControlPlane } from '../client/control/plane.ts';
import { CREATE_EVENTS } from '../contract/routes/events.ts';
import { OstinatoError } from '../core/errors.ts';
import { RESOURCE_ID, RESOURCE_NAME } from '../core/event.ts';
import type { EventId, IdSource } from '../core/ids.ts';
import { formatInstant, type Instant } from '../core/time.ts';
import type { TakenRun } from './worker.ts';

export interface RunNews {
  readonly run: Pick<TakenRun, 'id' | 'name'>;
  /**
   * `cancel-seen`: a request to cancel was heard. `signalled`, `killed`: the process was asked to end, was ended by
   * force. `confirmed`: nothing of it is left; `unconfirmed`: something is. `process-ended`: with what the system said.
   */
  readonly what: 'cancel-seen' | 'signalled' | 'killed' | 'confirmed' | 'unconfirmed' | 'process-ended';
  readonly at: Instant;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** One after the other. What cannot be told is left out: the run's state says how it ended. */
export function tellNews(plane: Pick<ControlPlane, 'ask'>, ids: IdSource): (news: RunNews) => Promise<void> {
  let telling: Promise<void> = Promise.resolve();
  return ({ run, what, at, payload }) => {
    const event = {
      id: ids.next<EventId>(),
      event: `ostinato.flow-run.${what}`,
      occurred: formatInstant(at),
      resource: { [RESOURCE_ID]: `prefect.flow-run.${run.id}`, [RESOURCE_NAME]: run.name },
      payload,
    };
    telling = telling.then(async () => {
      try {
        await plane.ask(CREATE_EVENTS, { body: [event] });
      } catch (error) {
        if (!OstinatoError.is(error)) throw error;
      }
    });
    return telling;
  };
}
