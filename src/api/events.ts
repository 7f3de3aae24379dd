import { decodeEvent } from '../contract/decode/event.ts';
import { CREATE_EVENTS } from '../contract/routes/events.ts';
import type { Clock } from '../core/time.ts';
import type { UseCases } from '../orchestrator/use-cases.ts';
import { NO_CONTENT, operation, type Operation } from './operation.ts';

export interface EventParts {
  readonly useCases: UseCases;
  readonly clock: Pick<Clock, 'now'>;
}

/** Larger batches hold the write lock for more than some milliseconds. */
const BATCH_MAX = 256;

export function eventOperations({ useCases, clock }: EventParts): readonly Operation[] {
  return [
    operation(CREATE_EVENTS, async ({ body, exact }) => {
      const received = clock.now();
      const exactEvents = exact as unknown as readonly Readonly<Record<string, unknown>>[];
      const reports = body.map((event, index) => decodeEvent(event, exactEvents[index] ?? {}, received));
      for (let start = 0; start < reports.length; start += BATCH_MAX) await useCases.recordEvents(reports.slice(start, start + BATCH_MAX));
      return NO_CONTENT;
    }),
  ];
}
