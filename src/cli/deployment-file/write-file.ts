/** Writes a deployment's file for people to look over: every field with what it is for, also those that are not set. */

import { stringify } from 'yaml';

import { shellWord } from '../../core/shell-word.ts';
import type { ExportedFlow } from '../../sdk/flow-file.ts';
import { parameterRows } from '../flow-help.ts';
import { FIELDS, type DeploymentFile, type ScheduleEntry } from './fields.ts';

/** Of a line of comment. */
const WIDTH = 100;
const FIELD_NAMES = Object.keys(FIELDS) as readonly (keyof DeploymentFile)[];

/** @param fileName how the file is called in the command that applies it */
export function writeDeploymentFile(fields: DeploymentFile, flow: ExportedFlow, fileName: string): string {
  const head = [
    `How the flow "${fields.flow_name}" runs by itself: the deployment "${fields.name}".`,
    `Look it over, change what you want, then: ostinato deployment apply ${shellWord(fileName)}`,
    'A field that begins with # is not set: it stays as it is on the server, or has its default.',
  ];
  const sections = FIELD_NAMES.map((name) => {
    const about = [...comment(FIELDS[name].about), ...(name === 'parameters' ? parameterLines(flow) : [])];
    const value = fields[name];
    return [...about, value === undefined ? unset(name) : textOf(name, value)].join('\n');
  });
  return `${head.flatMap(comment).join('\n')}\n\n${sections.join('\n\n')}\n`;
}

function textOf(name: string, value: unknown): string {
  return stringify({ [name]: value }, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd();
}

function unset(name: keyof DeploymentFile): string {
  return name === 'schedules' ? SCHEDULES_UNSET : `# ${FIELDS[name].example}`;
}

const SCHEDULES_UNSET = `# schedules:
#   - cron: "0 9 * * 1-5"          # minute, hour, day, month, weekday
#     timezone: Europe/Berlin
#     catch_up: latest             # or all, none: of slots that were missed
#     max_lateness: 3600           # seconds: later it does not run any more
#     overlap: skip                # or queue, cancelOldest, cancelNewest, allow
#     jitter: 300                  # seconds of random delay at most
#     exclude: [2026-12-24, { calendar: holidays.ics }]
#   - interval: 3600               # seconds
#     parameters: { }              # over those above`;

function parameterLines({ flow }: ExportedFlow): string[] {
  const rows = parameterRows(flow);
  if (rows.length === 0) return comment('The flow does not say which parameters it takes, or takes none.');
  return ['# The flow takes:', ...rows.map((row) => `#   ${row}`)];
}

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** As they stand behind the options of `build`. */
export interface ScheduleWords {
  readonly cron?: readonly string[] | undefined;
  /** Seconds. */
  readonly interval?: readonly number[] | undefined;
  readonly rrule?: readonly string[] | undefined;
  readonly timezone?: string | undefined;
}

/** `undefined`: none were asked for. */
export function scheduleEntries({ cron = [], interval = [], rrule = [], timezone }: ScheduleWords) {
  const zone = timezone === undefined ? {} : { timezone };
  const entries: ScheduleEntry[] = [
    ...cron.map((text) => ({ cron: text, ...zone })),
    ...interval.map((seconds) => ({ interval: seconds, ...zone })),
    ...rrule.map((text) => ({ rrule: text, ...zone })),
  ];
  return entries.length === 0 ? undefined : entries;
}
