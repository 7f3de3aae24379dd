import { decodeEvent } from '../contract/decode/event.ts';
import { CREATE_EVENTS } from '../contract/routes/events.ts';
import type { Clock } from '../core/time.ts';
import type { ControlUseCases } from '../orchestrator/control-plane.ts';
import { mapInTurns } from './body-turns.ts';
import { NO_CONTENT, operation, type Operation } from './operation.ts';

/** Larger batches hold the write lock for more than some milliseconds. */
const BATCH_MAX = 256;

export function sentEventOperations(useCases: ControlUseCases, clock: Pick<Clock, 'now'>): readonly Operation[] {
  return [
    operation(CREATE_EVENTS, async ({ body, exact }) => {
      const received = clock.now();
      const exactEvents = exact as unknown as readonly Readonly<Record<string, unknown>>[];
      const reports = await mapInTurns(body, (event, index) =>
        decodeEvent(
          event,
          event.payload === undefined ? null : JSON.stringify(exactEvents[index]?.['payload']),
          received,
        ),
      );
      for (let start = 0; start < reports.length; start += BATCH_MAX)
        await useCases.recordEvents(reports.slice(start, start + BATCH_MAX));
      return NO_CONTENT;
    }),
  ];
}
