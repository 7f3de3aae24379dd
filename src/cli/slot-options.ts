/** The options that say what becomes of the slots of a schedule. */

import type { Command } from 'commander';

import type { Exclusion } from '../core/schedules/slot-rules.ts';
import { exclusionIn } from '../core/schedules/slot-rules.ts';
import { CATCH_UPS, OVERLAPS, type SlotPolicy } from '../core/schedules/slot-policy.ts';
import type { Instant } from '../core/time.ts';
import { collect, parseName } from './arguments.ts';
import { parseSpan } from './spans.ts';

export interface RuleOptions {
  /** Seconds. */
  readonly jitter?: number;
  /** `none` takes it away; so do the others. */
  readonly start?: string;
  readonly end?: string;
  readonly exclude?: readonly string[];
  readonly calendar?: readonly string[];
}

export interface SlotOptions extends RuleOptions {
  readonly catchUp?: SlotPolicy['catchUp'];
  /** Seconds. */
  readonly maxLateness?: number | 'none';
  readonly overlap?: SlotPolicy['overlap'];
}

const NONE = 'none';

export function withRules(command: Command): Command {
  return command
    .option('--jitter <time>', 'the most by which a slot is delayed at random, always alike: 30s, 5m', parseSpan)
    .option('--start <time>', 'none before: 2026-01-01, or a time of its zone', parseName)
    .option('--end <time>', 'none behind: 2026-12-31, or a time of its zone', parseName)
    .option('--exclude <days>', 'none on DAY, or FROM/TO; repeat it for several', collect)
    .option('--calendar <file>', 'none in the events of an .ics file; repeat it', collect);
}

export function withSlots(command: Command): Command {
  return withRules(
    command
      .addOption(command.createOption('--catch-up <which>', 'of those that were missed').choices(CATCH_UPS))
      .option('--max-lateness <time>', 'later than that it does not run: 90s, 2h; or none', spanOrNone)
      .addOption(command.createOption('--overlap <how>', 'while a run is under way').choices(OVERLAPS)),
  );
}

function spanOrNone(text: string): number | 'none' {
  return text === NONE ? NONE : parseSpan(text);
}

/** As a server is asked for it; what was not said is not there. */
export async function slotsIn(options: SlotOptions, folder: string, now: Instant) {
  const { catchUp, maxLateness, overlap, jitter, start, end } = options;
  const exclusions = await exclusionsIn(options, folder, now);
  const orNull = (text: string): string | null => (text === NONE ? null : text);
  return {
    ...(catchUp === undefined ? {} : { catch_up: catchUp }),
    ...(maxLateness === undefined ? {} : { max_lateness: maxLateness === NONE ? null : maxLateness }),
    ...(overlap === undefined ? {} : { overlap }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(start === undefined ? {} : { start: orNull(start) }),
    ...(end === undefined ? {} : { end: orNull(end) }),
    ...(exclusions === undefined ? {} : { exclusions: [...exclusions] }),
  };
}

/** `undefined`: nothing was said of them. */
async function exclusionsIn(
  { exclude, calendar }: RuleOptions,
  folder: string,
  now: Instant,
): Promise<readonly Exclusion[] | undefined> {
  if (exclude === undefined && calendar === undefined) return undefined;
  const found = (exclude ?? []).filter((text) => text !== NONE).map(exclusionIn);
  if (calendar === undefined) return found;
  // Loaded with the first calendar.
  const { readCalendarFile } = await import('../platform/calendar-file.ts');
  for (const path of calendar) found.push(...(await readCalendarFile(folder, path, now)));
  return found;
}
