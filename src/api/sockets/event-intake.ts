/**
 * Takes events from a socket: an invalid event is reported and dropped, since its client would send it for ever.
 */

import { EVENT_BYTES_MAX } from '../../contract/body/event.ts';
import { decodeEventText } from '../../contract/decode/event.ts';
import type { Problem } from '../../contract/checker.ts';
import { OstinatoError } from '../../core/errors.ts';
import type { OutboxEvent } from '../../core/event.ts';
import type { TaskRunReport } from '../../core/task-run-report.ts';
import type { Clock } from '../../core/time.ts';

export interface EventIntakeParts {
  readonly clock: Pick<Clock, 'now'>;
  /**
   * Takes one event; settles when it is on the disk (`null`) or has failed: in a later turn, in the order of the
   * events.
   */
  readonly record: (
    report: { readonly event: OutboxEvent; readonly taskRun: TaskRunReport | null },
    settle: (error: unknown) => void,
  ) => void;
  /** Called for each dropped event, with the reason. */
  readonly onRefused: (message: string) => void;
}

/**
 * Takes one frame and returns whether its event is on its way to the disk; `false`: it was left out. Calls `onSettled`
 * when one that was on its way is there, or was left out after all: in a later turn, in the order of the frames.
 */
export type EventIntake = (text: string, onSettled: () => void) => boolean;

export function eventIntake({ clock, record, onRefused }: EventIntakeParts): EventIntake {
  const refuse = (message: string): false => (onRefused(message), false);
  return (text, onSettled) => {
    if (isTooLarge(text)) return refuse('An event was left out: it is larger than 1.5 MB.');
    const decoding = decodeEventText(text, clock.now());
    if (!decoding.ok) return refuse(`An event was left out: ${problemText(decoding.problems)}.`);
    const { event, taskRun, problems } = decoding.decoded;
    if (problems.length > 0) onRefused(`The task run of event ${event.id} was not recorded: ${problemText(problems)}.`);
    record({ event, taskRun }, (error) => {
      // An outage of the database is reported once, by the writer.
      if (error !== null && !(OstinatoError.is(error) && error.code.startsWith('store-'))) {
        onRefused(`Event ${event.id} was left out: ${error instanceof Error ? error.message : String(error)}`);
      }
      onSettled();
    });
    return true;
  };
}

/** Whether the text is too long, without encoding it: a character of JSON has one to three bytes. */
function isTooLarge(text: string): boolean {
  return text.length > EVENT_BYTES_MAX / 3 && Buffer.byteLength(text) > EVENT_BYTES_MAX;
}

/** The problems without the values that were sent: those may contain secrets. */
export function problemText(problems: readonly Problem[]): string {
  return problems
    .slice(0, 3)
    .map(({ loc, msg }) => [loc.slice(1).join('.'), msg].filter(Boolean).join(': '))
    .join('; ');
}

/** Reason for closing a socket with an invalid filter; Prefect's clients check its beginning. */
export function invalidFilter(problems: readonly Problem[]): string {
  return `Invalid filter: ${problems.length} validation error${problems.length === 1 ? '' : 's'}: ${problemText(problems)}`;
}
