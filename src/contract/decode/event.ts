/** Events: from the wire to the core. */

import { RESOURCE_ID, type OutboxEvent } from '../../core/event.ts';
import type { EventId } from '../../core/ids.ts';
import type { TaskRunReport } from '../../core/task-run-report.ts';
import { parseInstant, type Instant } from '../../core/time.ts';
import { EventIn } from '../body/event.ts';
import { check, type Problem } from '../checker.ts';
import { EVENT_VALUES_MAX, parseBounded } from '../json-bounds.ts';
import { rawMember } from '../raw-members.ts';
import { isTaskRunReport, taskRunReport } from './task-run-event.ts';

export interface DecodedEvent {
  readonly event: OutboxEvent;
  readonly taskRun: TaskRunReport | null;
  /** What is wrong with what the event says of a task run: then the event is kept, the task run is not. */
  readonly problems: readonly Problem[];
}

export type EventDecoding =
  | { readonly ok: true; readonly decoded: DecodedEvent }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** One frame of a stream of events. Never throws. */
export function decodeEventText(text: string, received: Instant): EventDecoding {
  try {
    const checked = check(EventIn, parseBounded(text, EVENT_VALUES_MAX), 'body');
    if (!checked.ok) return checked;
    return { ok: true, decoded: decodeEvent(checked.value as EventIn, rawMember(text, 'payload'), received) };
  } catch (error) {
    return {
      ok: false,
      problems: [
        {
          type: 'json_invalid',
          loc: ['body'],
          msg: error instanceof Error ? error.message : String(error),
          input: null,
        },
      ],
    };
  }
}

/** @param payload JSON as it was sent; `null` for none */
export function decodeEvent(event: EventIn, payload: string | null, received: Instant): DecodedEvent {
  const decoded: OutboxEvent = {
    id: event.id.toLowerCase() as EventId,
    name: event.event,
    resourceId: event.resource[RESOURCE_ID],
    occurred: parseInstant(event.occurred) as Instant,
    payload,
    labels: event.resource,
    related: event.related ?? [],
    follows: (event.follows?.toLowerCase() ?? null) as EventId | null,
    received,
  };
  if (!isTaskRunReport(decoded)) return { event: decoded, taskRun: null, problems: [] };
  return { event: decoded, ...taskRunReport(decoded, event.payload, received) };
}
